// Our shapes against those of OpenAI's own client: the type checker is the test.
import type OpenAI from 'openai';
import type { CreateEmbeddingResponse, EmbeddingCreateParams } from '../src/chat/embeddings_api.js';
import type {
  ChatCompletion,
  ChatCompletionChunk,
  ChatCompletionCreateParamsBase,
  Completion,
  CompletionChunk,
  CompletionCreateParamsBase,
} from '../src/chat/openai.js';

/** Fails to compile unless the first is assignable to the second. */
type Assignable<Ours extends Theirs, Theirs> = Ours;

/** The same without `readonly`, which OpenAI's types never have. */
type Mutable<T> = T extends object ? { -readonly [Key in keyof T]: Mutable<T[Key]> } : T;

/** Their requests, as far as we have the fields; messages may hold more than text there. */
type Supported<Theirs, Ours> = Pick<Theirs, Exclude<keyof Theirs & keyof Ours, Narrower>>;
type Narrower =
  'messages' | 'response_format' | 'modalities' | 'prompt' | 'tools' | 'tool_choice' | 'parallel_tool_calls';

type TheirChatParams = OpenAI.ChatCompletionCreateParams;
// Where ours may be null, theirs are left out.
type NullableEmbeddingParams = {
  [Name in keyof OpenAI.EmbeddingCreateParams]: OpenAI.EmbeddingCreateParams[Name] | null;
};
type TheirTextParams = OpenAI.CompletionCreateParams;

// Of the stream of texts their type leaves out that the reason is null before the end.
type TheirTextChunk = Omit<OpenAI.Completion, 'choices' | 'usage'>;

export type Checks = [
  // Responses may go wherever theirs do.
  Assignable<ChatCompletion, OpenAI.ChatCompletion>,
  Assignable<ChatCompletionChunk, OpenAI.ChatCompletionChunk>,
  Assignable<Completion, OpenAI.Completion>,
  Assignable<CompletionChunk, TheirTextChunk>,
  Assignable<CreateEmbeddingResponse, OpenAI.CreateEmbeddingResponse>,
  // What an answer has can be a message of the next request, to them and to us.
  Assignable<ChatCompletion['choices'][number]['message'], OpenAI.ChatCompletionMessageParam>,
  Assignable<ChatCompletion['choices'][number]['message'], ChatCompletionCreateParamsBase['messages'][number]>,
  // Requests of ours are requests of theirs, once they name a model,
  Assignable<Mutable<ChatCompletionCreateParamsBase> & { model: string }, TheirChatParams>,
  Assignable<Mutable<CompletionCreateParamsBase> & { model: string }, TheirTextParams>,
  Assignable<Mutable<EmbeddingCreateParams> & { model: string }, NullableEmbeddingParams>,
  // and the fields of theirs that we have mean the same.
  Assignable<
    Supported<TheirChatParams, ChatCompletionCreateParamsBase>,
    Omit<ChatCompletionCreateParamsBase, Narrower>
  >,
  Assignable<Supported<TheirTextParams, CompletionCreateParamsBase>, Omit<CompletionCreateParamsBase, Narrower>>,
];
