import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addModelTurn, addUserTurn, newConversation, newStep, shownTurns } from '../conversations/conversation.js';
import { messagesOf } from './messages.js';

test('calls are followed by their results, and thoughts stay out', () => {
  const conversation = newConversation(0);
  const question = addUserTurn(conversation, -1, 'What is 48 + 37?');
  const turn = addModelTurn(conversation, question.id, 'tiny');
  const call = { id: 'c1', name: 'add_numbers', arguments: '{"expression": "48 + 37"}' };
  turn.steps.splice(
    0,
    1,
    {
      ...newStep(),
      reasoning: 'Hm.',
      calls: [
        { ...call, result: '85' },
        { ...call, id: 'c2' },
      ],
    },
    { ...newStep(), text: '48 + 37 = 85.' },
  );
  assert.deepEqual(messagesOf('Be brief.', shownTurns(conversation)), [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'What is 48 + 37?' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: call.name, arguments: call.arguments } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: '85' },
    { role: 'assistant', content: '48 + 37 = 85.' },
  ]);
});

test('an answer that was stopped before its first word is still a turn', () => {
  const conversation = newConversation(0);
  const question = addUserTurn(conversation, -1, 'Hello');
  addModelTurn(conversation, question.id, 'tiny');
  assert.deepEqual(messagesOf('', shownTurns(conversation)), [
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: '' },
  ]);
});
