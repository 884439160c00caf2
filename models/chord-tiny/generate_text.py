"""Synthetic training text for the bundled demo model: small stories, facts, arithmetic, JSON and tool calls, as ChatML."""
import random

CAPITALS = """France:Paris|Germany:Berlin|Italy:Rome|Spain:Madrid|Portugal:Lisbon|the United Kingdom:London|Ireland:Dublin|Belgium:Brussels|the Netherlands:Amsterdam|Luxembourg:Luxembourg City|Switzerland:Bern|Austria:Vienna|Poland:Warsaw|Czechia:Prague|Slovakia:Bratislava|Hungary:Budapest|Romania:Bucharest|Bulgaria:Sofia|Greece:Athens|Turkey:Ankara|Norway:Oslo|Sweden:Stockholm|Finland:Helsinki|Denmark:Copenhagen|Iceland:Reykjavik|Estonia:Tallinn|Latvia:Riga|Lithuania:Vilnius|Ukraine:Kyiv|Russia:Moscow|Belarus:Minsk|Serbia:Belgrade|Croatia:Zagreb|Slovenia:Ljubljana|Albania:Tirana|Malta:Valletta|Cyprus:Nicosia|Egypt:Cairo|Morocco:Rabat|Algeria:Algiers|Tunisia:Tunis|Libya:Tripoli|Sudan:Khartoum|Ethiopia:Addis Ababa|Kenya:Nairobi|Uganda:Kampala|Tanzania:Dodoma|Rwanda:Kigali|Nigeria:Abuja|Ghana:Accra|Senegal:Dakar|Mali:Bamako|Cameroon:Yaounde|Angola:Luanda|Zambia:Lusaka|Zimbabwe:Harare|Botswana:Gaborone|Namibia:Windhoek|Mozambique:Maputo|Madagascar:Antananarivo|South Africa:Pretoria|Canada:Ottawa|the United States:Washington|Mexico:Mexico City|Guatemala:Guatemala City|Honduras:Tegucigalpa|Nicaragua:Managua|Costa Rica:San Jose|Panama:Panama City|Cuba:Havana|Jamaica:Kingston|Haiti:Port-au-Prince|Colombia:Bogota|Venezuela:Caracas|Ecuador:Quito|Peru:Lima|Bolivia:Sucre|Chile:Santiago|Argentina:Buenos Aires|Uruguay:Montevideo|Paraguay:Asuncion|Brazil:Brasilia|China:Beijing|Japan:Tokyo|South Korea:Seoul|North Korea:Pyongyang|Mongolia:Ulaanbaatar|India:New Delhi|Pakistan:Islamabad|Bangladesh:Dhaka|Nepal:Kathmandu|Bhutan:Thimphu|Sri Lanka:Colombo|Thailand:Bangkok|Vietnam:Hanoi|Laos:Vientiane|Cambodia:Phnom Penh|Malaysia:Kuala Lumpur|Singapore:Singapore|Indonesia:Jakarta|the Philippines:Manila|Australia:Canberra|New Zealand:Wellington|Fiji:Suva|Iran:Tehran|Iraq:Baghdad|Syria:Damascus|Lebanon:Beirut|Jordan:Amman|Israel:Jerusalem|Saudi Arabia:Riyadh|Yemen:Sanaa|Oman:Muscat|Qatar:Doha|Kuwait:Kuwait City|Kazakhstan:Astana|Uzbekistan:Tashkent|Georgia:Tbilisi|Armenia:Yerevan|Azerbaijan:Baku"""
CAPITALS = [tuple(x.split(":")) for x in CAPITALS.split("|")]
OPPOSITES = "hot:cold|big:small|fast:slow|up:down|day:night|happy:sad|old:new|open:closed|light:dark|wet:dry|full:empty|hard:soft|high:low|early:late|loud:quiet|rich:poor|long:short|near:far|strong:weak|clean:dirty|in:out|left:right|first:last|easy:difficult|thick:thin|young:old|sweet:sour|true:false|begin:end|give:take"
OPPOSITES = [tuple(x.split(":")) for x in OPPOSITES.split("|")]
SOUNDS = "dog:woof|cat:meow|cow:moo|duck:quack|sheep:baa|pig:oink|horse:neigh|lion:roar|owl:hoot|frog:ribbit|bee:buzz|mouse:squeak|snake:hiss|wolf:howl|bird:tweet|rooster:cock-a-doodle-doo"
SOUNDS = [tuple(x.split(":")) for x in SOUNDS.split("|")]
COLORS = "the sky:blue|grass:green|snow:white|coal:black|a banana:yellow|a strawberry:red|an orange:orange|a plum:purple|a lemon:yellow|the sea:blue|a leaf:green|a cloud:white|a carrot:orange|blood:red|a grape:purple|chocolate:brown|milk:white|a flamingo:pink"
COLORS = [tuple(x.split(":")) for x in COLORS.split("|")]
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
NUMW = "zero one two three four five six seven eight nine ten eleven twelve".split()

NAMES_F = "Lily Anna Mia Sara Emma Rosa Zoe Nora Ella Maya Ruby Clara Amy Lucy Ivy Hana Leila Freya Olga Tess".split()
NAMES_M = "Tom Ben Max Sam Leo Jack Finn Omar Theo Noah Hugo Ravi Ali Otto Luke Eli Ken Ivan Milo Pete".split()
ANIMALS = "cat dog fox bear rabbit mouse owl duck turtle frog hedgehog squirrel pony lamb goat crow beaver otter hen snail dragon bee whale seal".split()
PLACES = [
    ("forest", "trees", "in"),
    ("garden", "flowers", "in"),
    ("village", "houses", "in"),
    ("beach", "waves", "on"),
    ("mountain", "rocks", "on"),
    ("farm", "fields", "on"),
    ("city", "streets", "in"),
    ("river", "reeds", "by"),
    ("castle", "towers", "in"),
    ("island", "palms", "on"),
    ("meadow", "grass", "in"),
    ("harbor", "ships", "in"),
    ("cave", "stones", "in"),
    ("library", "books", "in"),
    ("market", "stalls", "in"),
]
OBJECTS = "ball kite boat book lamp map key hat bell basket drum mirror ring shell feather coat clock cake apple blanket bucket flute stone rope star".split()
ADJ = (
    "red blue green yellow old new shiny tiny big soft wooden golden silver strange little lovely broken heavy".split()
)
MOOD = "happy sad curious brave shy proud kind sleepy lonely clever gentle cheerful".split()
WEATHER = [
    "It was a sunny day.",
    "It was raining softly.",
    "The wind was strong that morning.",
    "Snow lay on the ground.",
    "The sky was full of clouds.",
    "It was a warm evening.",
    "The moon was bright that night.",
    "A cold fog covered everything.",
]


def a(w):
    return ("an " if w[0] in "aeiou" else "a ") + w


def cap(s):
    return s[0].upper() + s[1:]


class Hero:
    def __init__(s, r, kind=None):
        if kind is None:
            kind = r.choice(["girl", "boy", "animal", "animal"])
        if kind in ("girl", "boy"):
            s.kind = kind
            s.name = r.choice(NAMES_F if kind == "girl" else NAMES_M)
            s.fem = kind == "girl"
        else:
            s.kind = kind if kind != "animal" else r.choice(ANIMALS)
            s.fem = r.random() < 0.5
            s.name = r.choice(NAMES_F if s.fem else NAMES_M)
        s.he, s.him, s.his = ("she", "her", "her") if s.fem else ("he", "him", "his")


def story(r, hero=None, obj=None, place=None, friend=None, mood=None):
    h = hero or Hero(r)
    f = friend or Hero(r)
    while f.name == h.name:
        f = Hero(r)
    pl = place or r.choice(PLACES)
    pn, pd, prep = pl
    o = obj or r.choice(OBJECTS)
    adj = r.choice(ADJ)
    m = mood or r.choice(MOOD)
    w = r.choice(WEATHER)
    ao = adj + " " + o
    c = r.choice
    P = []
    P.append(
        c(
            [
                f"Once upon a time, there was {a(m+' '+h.kind)} named {h.name}.",
                f"Once upon a time, {a(m+' '+h.kind)} named {h.name} lived {prep} {a(pn)}.",
                f"There once was {a(h.kind)} called {h.name}, who was very {m}.",
                f"Long ago, {prep} {a(pn)} full of {pd}, lived {a(m+' '+h.kind)} named {h.name}.",
            ]
        )
        + " "
        + c(
            [
                f"{cap(h.he)} loved to play with {h.his} {ao}.",
                f"{h.name} had {a(ao)}, and {h.he} took it everywhere.",
                f"Every day {h.he} walked {'along' if prep in ('by','on') else 'through'} the {pn} and looked at the {pd}.",
                f"{cap(h.his)} best friend was {a(f.kind)} named {f.name}.",
            ]
        )
    )
    plot = r.randrange(6)
    if plot == 0:  # lost thing
        P.append(
            c([w + " ", ""])
            + c([f"One day, {h.name} could not find {h.his} {ao}.", f"One morning, the {ao} was gone."])
            + " "
            + c(
                [
                    f"{cap(h.he)} looked under the bed, behind the door and near the {pd}.",
                    f"{cap(h.he)} looked everywhere {prep} the {pn}.",
                ]
            )
            + " "
            + c([f'"Where is my {o}?" {h.he} asked.', f'"Oh no," said {h.name}. "My {o} is lost."'])
        )
        P.append(
            f"{f.name} the {f.kind} "
            + c(["heard this and came to help.", "came by and saw the tears.", "wanted to help."])
            + " "
            + c(
                [
                    f'"Do not be sad," said {f.name}. "Let us look together."',
                    f'"I will help you find it," said {f.name}.',
                ]
            )
            + " "
            + c([f"They looked among the {pd} for a long time.", f"They walked all over the {pn}."])
        )
        P.append(
            c(
                [
                    f"At last, {f.name} saw something {adj} under {a('leaf')}.",
                    f"Then {h.name} saw something {adj} near the {pd}.",
                    "Suddenly they heard a small sound.",
                ]
            )
            + " "
            + c([f"It was the {o}!", f"There was the {o}!"])
            + " "
            + c([f"{h.name} was so happy that {h.he} hugged {f.name}.", f'"Thank you, {f.name}!" said {h.name}.'])
        )
    elif plot == 1:  # found thing
        P.append(
            c([w + " ", ""])
            + f"One day, {h.name} found {a(ao)} {prep} the {pn}. "
            + c([f'"Whose {o} is this?" {h.he} wondered.', f"{cap(h.he)} wanted to keep it."])
            + " "
            + c(
                [
                    f"It was the most beautiful {o} {h.he} had ever seen.",
                    f"{cap(h.he)} picked it up and looked at it closely.",
                ]
            )
        )
        P.append(
            f"Then {h.he} met {a(f.kind)} named {f.name}, who was crying. "
            + c([f'"I lost my {o}," said {f.name}.', f'"Have you seen my {ao}?" asked {f.name}.'])
            + " "
            + c([f"{h.name} thought for a moment.", f"{h.name} looked at the {o} and then at {f.name}."])
        )
        P.append(
            c(
                [
                    f'"Here it is," said {h.name}, and gave the {o} back.',
                    f'{h.name} smiled and said, "I found it. It is yours."',
                ]
            )
            + " "
            + c([f"{f.name} was very glad.", f"{f.name} jumped for joy."])
            + " "
            + f"From that day on, {h.name} and {f.name} were "
            + c(["best friends.", "good friends.", "always together."])
        )
    elif plot == 2:  # storm / fear
        P.append(
            f"One night, a big storm came to the {pn}. "
            + c([f"The {pd} shook and the wind was loud.", "The thunder was very loud."])
            + f" {h.name} was afraid. "
            + c([f"{cap(h.he)} held {h.his} {ao} and closed {h.his} eyes.", f"{cap(h.he)} hid under {a('blanket')}."])
        )
        P.append(
            f"Then there was a knock at the door. It was {f.name} the {f.kind}, "
            + c(["cold and wet.", "who was afraid too."])
            + " "
            + c([f'"May I come in?" asked {f.name}.', f'"Please let me stay with you," said {f.name}.'])
            + f" {h.name} opened the door and "
            + c(["gave the guest some warm soup.", "they sat close together."])
        )
        P.append(
            c(["They told each other stories until the storm was over.", "They sang songs all night long."])
            + " "
            + c(["In the morning, the sun was bright again.", "When the sun came up, everything was quiet."])
            + f' "I was not afraid with you here," said {h.name}.'
        )
    elif plot == 3:  # race / contest
        P.append(
            f"One day, there was a race {prep} the {pn}. "
            + c([f"The prize was {a(ao)}.", f"The winner would get {a(ao)}."])
            + f' {f.name} the {f.kind} said, "I am the fastest. I will win!" {h.name} '
            + c(["said nothing and smiled.", "only wanted to have fun."])
        )
        P.append(
            f"The race began. {f.name} ran very fast, but "
            + c(["then stopped to rest.", "then fell over a stone."])
            + f" {h.name} "
            + c([f"saw that {f.name} was hurt and stopped to help.", f"came back and held out a hand."])
            + f' "Let us finish together," said {h.name}.'
        )
        P.append(
            c([f"They crossed the line at the same time.", "They walked to the end side by side."])
            + f" Everyone clapped. They shared the {o}, and "
            + c(["nobody was sad.", "both of them were proud."])
        )
    elif plot == 4:  # making / gift
        P.append(
            f"It was almost the birthday of {f.name} the {f.kind}. {h.name} wanted to give {f.him} {a(ao)}. "
            + c([f"But {h.he} had no money.", f"But the shop was closed."])
            + f' "I will make one myself," {h.he} said.'
        )
        P.append(
            c([f"{cap(h.he)} worked all day with wood and paint.", f"{cap(h.he)} worked from morning until night."])
            + " "
            + c(["It was not easy.", "It was hard work."])
            + f" At first the {o} was crooked, "
            + c([f"but {h.he} tried again.", f"but {h.he} did not give up."])
        )
        P.append(
            f"On the birthday, {h.name} gave the {o} to {f.name}. "
            + c([f'"You made this for me?" asked {f.name}.', f'"It is perfect!" said {f.name}.'])
            + " "
            + c([f"It was the best gift of all.", f"{f.name} kept it forever."])
        )
    else:  # journey
        P.append(
            c([w + " ", ""])
            + f"One day, {h.name} found an old map. It showed the way to {a(ao)} hidden {prep} the {pn}. "
            + f'{cap(h.he)} asked {f.name} the {f.kind} to come along. "Yes, let us go!" said {f.name}.'
        )
        P.append(
            c([f"They crossed a bridge and climbed a hill.", f"They walked past the {pd} and over a stream."])
            + " "
            + c(
                [
                    "On the way they got hungry, so they shared some bread.",
                    "On the way it got dark, so they slept under the stars.",
                ]
            )
            + f' {h.name} was tired, but {f.name} said, "We are almost there."'
        )
        P.append(
            f"In the end they found the {ao}. "
            + c([f'"What shall we do with it?" asked {f.name}.', f"It was smaller than they had thought."])
            + " "
            + c(
                [
                    f"They took it home and showed it to everyone.",
                    f'"The journey was the real treasure," said {h.name}.',
                ]
            )
        )
    moral = c(
        [
            "",
            "",
            f"{h.name} learned that it is good to share.",
            f"{h.name} learned that friends help each other.",
            f"And {h.name} was never lonely again.",
            "And they all lived happily ever after.",
            "The end.",
        ]
    )
    if moral:
        P.append(moral)
    return "\n\n".join(P) if r.random() < 0.5 else " ".join(P)


WORDS = {
    "hello": ["Bonjour", "Hola", "Hallo", "Olá", "こんにちは", "Привет", "Γειά σου"],
    "thank you": ["Merci", "Gracias", "Danke", "Obrigado", "ありがとう", "Спасибо", "Ευχαριστώ"],
    "cat": ["le chat", "el gato", "die Katze", "o gato", "猫", "кошка", "η γάτα"],
    "dog": ["le chien", "el perro", "der Hund", "o cão", "犬", "собака", "ο σκύλος"],
    "water": ["l'eau", "el agua", "das Wasser", "a água", "水", "вода", "το νερό"],
    "sun": ["le soleil", "el sol", "die Sonne", "o sol", "太陽", "солнце", "ο ήλιος"],
    "girl": ["la fille", "la niña", "das Mädchen", "a menina", "女の子", "девочка", "το κορίτσι"],
    "bear": ["l'ours", "el oso", "der Bär", "o urso", "熊", "медведь", "η αρκούδα"],
    "tree": ["l'arbre", "el árbol", "der Baum", "a árvore", "木", "дерево", "το δέντρο"],
    "green": ["vert", "verde", "grün", "verde", "緑", "зелёный", "πράσινο"],
}
LANGS = ["French", "Spanish", "German", "Portuguese", "Japanese", "Russian", "Greek"]
EMOJI = "cat:🐱|dog:🐶|fox:🦊|bear:🐻|rabbit:🐰|mouse:🐭|owl:🦉|duck:🦆|frog:🐸|bee:🐝|whale:🐳|sun:☀️|moon:🌙|star:⭐|apple:🍎|heart:❤️|house:🏠|boat:⛵|tree:🌳|flower:🌸"
EMOJI = [tuple(x.split(":")) for x in EMOJI.split("|")]
GREET = [
    ("Hello!", "Hello! How can I help you today?"),
    ("Hi", "Hi! What would you like to talk about?"),
    ("Hi there!", "Hi! What would you like to talk about?"),
    ("Hello, how are you?", "I am fine, thank you! How can I help you?"),
    ("How are you?", "I am fine, thank you! How can I help you?"),
    ("Good morning", "Good morning! What can I do for you?"),
    ("Thank you!", "You are welcome!"),
    ("Thanks", "You are welcome!"),
    ("Bye", "Goodbye! Have a nice day."),
    ("Goodbye", "Goodbye! Have a nice day."),
    ("Who are you?", "I am Chord Tiny, a small language model. I run right here on your device."),
    ("What are you?", "I am Chord Tiny, a small language model. I run right here on your device."),
    ("What is your name?", "My name is Chord Tiny."),
    (
        "What can you do?",
        "I can tell small stories, answer simple questions about capitals, colors, animals and numbers, and write a little JSON.",
    ),
    ("Where do you run?", "I run on your own device, in a browser or in Node, with no server."),
    ("Are you a large model?", "No, I am very small. I have only a few million parameters."),
    ("Can you help me?", "Yes! Ask me for a story, or ask me a simple question."),
]


def qa(r):
    """one (question, answer) pair"""
    c = r.choice
    k = r.random()
    if k < 0.30:
        co, ci = c(CAPITALS)
        q = c(
            [f"What is the capital of {co}?"] * 4
            + [
                f"What's the capital of {co}?",
                f"what is the capital of {co}",
                f"Tell me the capital of {co}.",
                f"Which city is the capital of {co}?",
                f"Capital of {co}?",
                f"Do you know the capital of {co}?",
            ]
        )
        return q, f"The capital of {co} is {ci}."
    if k < 0.36:
        co, ci = c(CAPITALS)
        return (
            c([f"{ci} is the capital of which country?", f"Which country has {ci} as its capital?"]),
            f"{ci} is the capital of {co}.",
        )
    if k < 0.56:
        x, y = r.randrange(0, 21), r.randrange(0, 21)
        if r.random() < 0.5:
            return (
                c([f"What is {x} + {y}?", f"What is {x} plus {y}?", f"{x} + {y} = ?", f"Add {x} and {y}."]),
                f"{x} + {y} = {x+y}.",
            )
        if x < y:
            x, y = y, x
        return c([f"What is {x} - {y}?", f"What is {x} minus {y}?", f"{x} - {y} = ?"]), f"{x} - {y} = {x-y}."
    if k < 0.62:
        w, o = c(OPPOSITES)
        if r.random() < 0.5:
            w, o = o, w
        return (
            c([f"What is the opposite of {w}?", f"Opposite of {w}?", f"Tell me the opposite of {w}."]),
            f"The opposite of {w} is {o}.",
        )
    if k < 0.68:
        an, s = c(SOUNDS)
        return (
            c([f"What sound does a {an} make?".replace("a owl", "an owl"), f"What does the {an} say?"]),
            f"The {an} says {s}.",
        )
    if k < 0.74:
        t, col = c(COLORS)
        return c([f"What color is {t}?", f"What is the color of {t}?"]), f"{cap(t)} is {col}."
    if k < 0.80:
        i = r.randrange(7)
        if r.random() < 0.5:
            return (
                c([f"What day comes after {DAYS[i]}?", f"Which day is after {DAYS[i]}?"]),
                f"{DAYS[(i+1)%7]} comes after {DAYS[i]}.",
            )
        return (
            c([f"What day comes before {DAYS[i]}?", f"Which day is before {DAYS[i]}?"]),
            f"{DAYS[i-1]} comes before {DAYS[i]}.",
        )
    if k < 0.85:
        i = r.randrange(12)
        return (
            c([f"What month comes after {MONTHS[i]}?", f"Which month is after {MONTHS[i]}?"]),
            f"{MONTHS[(i+1)%12]} comes after {MONTHS[i]}.",
        )
    if k < 0.875:
        w = c(list(WORDS))
        i = r.randrange(7)
        return (
            c([f"How do you say {w} in {LANGS[i]}?", f"Say {w} in {LANGS[i]}.", f"What is {w} in {LANGS[i]}?"]),
            f"In {LANGS[i]}, {w} is {WORDS[w][i]}.",
        )
    if k < 0.90:
        w, e = c(EMOJI)
        return (
            c([f"Show me {a(w)} emoji.", f"What is the emoji for {a(w)}?", f"Emoji for {w}?"]),
            f"Here is {a(w)}: {e}",
        )
    if k < 0.93:
        n = r.randrange(3, 11)
        return (
            c([f"Count to {n}.", f"Count from 1 to {n}.", f"Please count to {NUMW[n]}."]),
            ", ".join(map(str, range(1, n + 1))) + ".",
        )
    return c(GREET)


def json_task(r):
    c = r.choice
    h = Hero(r)
    age = r.randrange(1, 15)
    col = c("red blue green brown white black gray".split())
    pn = c(PLACES)[0]
    k = r.randrange(3)
    if k == 0:
        return (
            f"Write JSON for {a(h.kind)} named {h.name} who is {age} years old.",
            '{"name": "%s", "kind": "%s", "age": %d}' % (h.name, h.kind, age),
        )
    if k == 1:
        return (
            f"Write JSON for {a(col+' '+h.kind)} named {h.name} that lives in {a(pn)}.",
            '{"name": "%s", "kind": "%s", "color": "%s", "home": "%s"}' % (h.name, h.kind, col, pn),
        )
    n = r.randrange(2, 5)
    xs = r.sample(OBJECTS, n)
    return (
        "Write a JSON list of " + ", ".join(xs[:-1]) + " and " + xs[-1] + ".",
        "[" + ", ".join('"%s"' % x for x in xs) + "]",
    )


TOOLS = [
    ("get_weather", "city", "Get the weather in a city"),
    ("get_time", "city", "Get the local time in a city"),
    ("find_map", "city", "Find a map of a city"),
    ("add_numbers", "expression", "Add two numbers"),
]


def tool_sys(ts):
    import json

    L = "\n".join(
        json.dumps(
            {
                "type": "function",
                "function": {
                    "name": n,
                    "description": d,
                    "parameters": {"type": "object", "properties": {p: {"type": "string"}}, "required": [p]},
                },
            }
        )
        for n, p, d in ts
    )
    return (
        "# Tools\n\nYou can call these functions, one JSON object per line:\n<tools>\n"
        + L
        + '\n</tools>\n\nTo call a function, answer with its name and its arguments:\n<tool_call>\n{"name": NAME, "arguments": OBJECT}\n</tool_call>'
    )


def tool_task(r):
    """messages using the tool-call format of the chat template"""
    c = r.choice
    ts = r.sample(TOOLS, r.randrange(1, 4))
    n, p, d = c(ts)
    city = c(CAPITALS)[1]
    msgs = [
        (
            "system",
            c(["You are a helpful assistant.", "You are Chord Tiny, a small and helpful assistant."])
            + "\n\n"
            + tool_sys(ts),
        )
    ]
    if n == "add_numbers":
        x, y = r.randrange(20, 99), r.randrange(20, 99)
        q = f"What is {x} + {y}?"
        arg = f"{x} + {y}"
        res = str(x + y)
        ans = f"{x} + {y} = {res}."
    elif n == "get_weather":
        q = c([f"What is the weather in {city}?", f"How is the weather in {city}?", f"Will I need a coat in {city}?"])
        arg = city
        wth = c(["sunny", "rainy", "cloudy", "windy"])
        deg = r.randrange(-5, 35)
        res = '{"weather": "%s", "degrees": %d}' % (wth, deg)
        ans = f"It is {wth} in {city}, with {deg} degrees."
    elif n == "get_time":
        q = c([f"What time is it in {city}?", f"Tell me the time in {city}."])
        arg = city
        res = '{"time": "%02d:%02d"}' % (r.randrange(24), r.randrange(60))
        ans = f"It is {res[10:15]} in {city}."
    else:
        q = c([f"Find me a map of {city}.", f"Show me a map of {city}."])
        arg = city
        res = '{"map": "%s.png"}' % city.lower().replace(" ", "-")
        ans = f"Here is the map of {city}: {res[9:-2]}"
    msgs.append(("user", q))
    msgs.append(("assistant", '<tool_call>\n{"name": "%s", "arguments": {"%s": "%s"}}\n</tool_call>' % (n, p, arg)))
    if r.random() < 0.7:
        msgs.append(("user", "<tool_response>\n" + res + "\n</tool_response>"))
        msgs.append(("assistant", ans))
    return msgs


def story_task(r):
    c = r.choice
    k = r.random()
    h = Hero(r)
    o = c(OBJECTS)
    pl = c(PLACES)
    f = Hero(r)
    while f.name == h.name:
        f = Hero(r)
    if k < 0.25:
        return c(
            [
                "Tell me a story.",
                "Write a short story.",
                "Please tell me a story.",
                "Once upon a time",
                "Tell me a bedtime story.",
                "I want to hear a story.",
            ]
        ), story(r)
    if k < 0.5:
        return c(
            [
                f"Tell me a story about {a(h.kind)}.",
                f"Write a story about {a(h.kind)} named {h.name}.",
                f"Tell me a story about {a(h.kind)} called {h.name}.",
            ]
        ), story(r, hero=h)
    if k < 0.7:
        return c(
            [f"Tell me a story about {a(h.kind)} and {a(o)}.", f"Write a short story with {a(h.kind)} and {a(o)}."]
        ), story(r, hero=h, obj=o)
    if k < 0.85:
        return c(
            [
                f"Tell me a story about {a(h.kind)} {pl[2]} {a(pl[0])}.",
                f"Write a story about {h.name} the {h.kind} {pl[2]} the {pl[0]}.",
            ]
        ), story(r, hero=h, place=pl)
    return c(
        [
            f"Tell me a story about {h.name} the {h.kind} and {f.name} the {f.kind}.",
            f"Write a story about {h.name} the {h.kind}, {f.name} the {f.kind} and {a(o)}.",
        ]
    ), story(r, hero=h, friend=f, obj=o)


SYS = ["You are a helpful assistant."] * 3 + [
    "You are Chord Tiny, a small and helpful assistant.",
    "Answer briefly.",
    "You are a friendly storyteller.",
]


def render(msgs):
    return "".join(f"<|im_start|>{ro}\n{co}<|im_end|>\n" for ro, co in msgs)


def document(r):
    k = r.random()
    if k < 0.12:
        return story(r) + "<|endoftext|>"
    if k < 0.20:
        return render(tool_task(r)) + "<|endoftext|>"
    m = []
    if r.random() < 0.6:
        m.append(("system", r.choice(SYS)))
    if k < 0.55:
        q, s = story_task(r)
        m += [("user", q), ("assistant", s)]
        if r.random() < 0.3:
            q, s = qa(r)
            m += [("user", q), ("assistant", s)]
    else:
        for _ in range(r.choice([1, 1, 2, 3, 4])):
            q, s = json_task(r) if r.random() < 0.12 else qa(r)
            m += [("user", q), ("assistant", s)]
    return render(m) + "<|endoftext|>"


if __name__ == "__main__":
    r = random.Random(7)
    for _ in range(12):
        print(document(r))
        print("-----")
