"""Facts about nature: elements, planets, animals, colours, the body."""

from __future__ import annotations


def pairs(text: str) -> dict[str, str]:
    """`key: answer` pairs, separated by semicolons or lines."""
    answers = {}
    for pair in text.strip().replace("\n", ";").split(";"):
        if pair.strip():
            key, answer = pair.split(":")
            answers[key.strip()] = answer.strip()
    return answers


_SYMBOLS = pairs("""
hydrogen: H; helium: He; lithium: Li; beryllium: Be; boron: B; carbon: C; nitrogen: N; oxygen: O
fluorine: F; neon: Ne; sodium: Na; magnesium: Mg; (aluminum|aluminium): Al; silicon: Si; phosphorus: P
(sulfur|sulphur): S; chlorine: Cl; argon: Ar; potassium: K; calcium: Ca; titanium: Ti; chromium: Cr
manganese: Mn; iron: Fe; cobalt: Co; nickel: Ni; copper: Cu; zinc: Zn; arsenic: As; bromine: Br
krypton: Kr; silver: Ag; tin: Sn; iodine: I; xenon: Xe; gold: Au; mercury: Hg; lead: Pb
platinum: Pt; uranium: U; tungsten: W; radium: Ra; plutonium: Pu; barium: Ba; radon: Rn; bismuth: Bi
""")
_NUMBERS = pairs("""
hydrogen: 1; helium: 2; lithium: 3; beryllium: 4; boron: 5; carbon: 6; nitrogen: 7; oxygen: 8
fluorine: 9; neon: 10; sodium: 11; magnesium: 12; silicon: 14; chlorine: 17; calcium: 20; iron: 26
copper: 29; zinc: 30; silver: 47; gold: 79; mercury: 80; lead: 82; uranium: 92
""")
_YOUNG = pairs("""
cat: kitten; dog: puppy; cow: calf; horse: foal; sheep: lamb; goat: kid; pig: piglet; bear: cub
lion: cub; tiger: cub; fox: cub; wolf: pup; seal: pup; frog: tadpole; duck: duckling; goose: gosling
deer: fawn; kangaroo: joey; swan: cygnet; owl: owlet; butterfly: caterpillar; hare: leveret
(chicken|hen): chick; elephant: calf; whale: calf; eagle: eaglet; rabbit: kit; donkey: foal
bird: chick; penguin: chick; koala: joey; spider: spiderling; moose: calf; giraffe: calf; mouse: pup
""")
_SOUNDS = pairs("""
cat: meow; dog: woof; cow: moo; horse: neigh; sheep: baa; pig: oink; duck: quack; lion: roar
tiger: roar; wolf: howl; frog: croak; owl: hoot; snake: hiss; bee: buzz; mouse: squeak; rooster: crow
hen: cluck; goat: bleat; donkey: bray; bird: tweet; crow: caw; turkey: gobble; bear: growl; fly: buzz
elephant: trumpet; pigeon: coo; goose: honk; lamb: baa
""")
_LEGS = pairs("""
spider: 8; ant: 6; bee: 6; beetle: 6; butterfly: 6; fly: 6; insect: 6; (dog|puppy): 4; (cat|kitten): 4; cow: 4
horse: 4; sheep: 4; pig: 4; goat: 4; elephant: 4; lion: 4; frog: 4; mouse: 4; bird: 2; chicken: 2
duck: 2; penguin: 2; (human|person|man): 2; snake: 0; fish: 0; worm: 0; octopus: 8; crab: 10; scorpion: 8
tiger: 4; bear: 4; giraffe: 4; rabbit: 4; turtle: 4; lizard: 4; ostrich: 2; owl: 2; mosquito: 6
ladybug: 6; camel: 4; zebra: 4; wolf: 4; fox: 4; table: 4; chair: 4; tripod: 3; kangaroo: 2; lobster: 10
""")
_KINDS = pairs("""
dog: mammal; cat: mammal; whale: mammal; dolphin: mammal; bat: mammal; elephant: mammal; cow: mammal
horse: mammal; lion: mammal; human: mammal; kangaroo: mammal; mouse: mammal; eagle: bird; penguin: bird
owl: bird; chicken: bird; ostrich: bird; duck: bird; parrot: bird; salmon: fish; shark: fish; tuna: fish
goldfish: fish; trout: fish; frog: amphibian; toad: amphibian; newt: amphibian; salamander: amphibian
snake: reptile; lizard: reptile; crocodile: reptile; turtle: reptile; alligator: reptile; ant: insect
bee: insect; butterfly: insect; beetle: insect; fly: insect; mosquito: insect; spider: arachnid; scorpion: arachnid
""")
_FEMALES = pairs("""
lion: lioness; horse: mare; (chicken|rooster): hen; (cattle|bull): cow; deer: doe; sheep: ewe; pig: sow
dog: bitch; tiger: tigress; fox: vixen; duck: duck
""")
_HOMES = pairs("""
bee: hive; bird: nest; lion: den; bear: den; spider: web; rabbit: burrow; dog: kennel; horse: stable
cow: barn; pig: sty; ant: anthill; fish: water; fox: den; beaver: lodge; chicken: coop; wasp: nest
""")
_GROUPS = pairs("""
lion: pride; wolf: pack; fish: school; sheep: flock; bird: flock; cow: herd; elephant: herd; bee: swarm
ant: colony; crow: murder; goose: gaggle; whale: pod; dolphin: pod; puppy: litter; owl: parliament
""")
_COLOURS = pairs("""
(the |)sky: blue; grass: green; (a |)banana: yellow; bananas: yellow; snow: white; blood: red; coal: black; milk: white
(a |)lemon: yellow; lemons: yellow; (a |)carrot: orange; carrots: orange; (a |)tomato: red; tomatoes: red; (an |)emerald: green; (a |)ruby: red
(a |)sapphire: blue; chocolate: brown; (the |)sun: yellow; (a |)strawberry: red; strawberries: red; (a |)pumpkin: orange; (a |)cucumber: green
(a |)polar bear: white; (a |)flamingo: pink; flamingos: pink; (a |)frog: green; (an |)eggplant: purple; (a |)swan: white; (a |)crow: black
(an |)orange: orange; (a |)stop sign: red; leaves: green; (a |)leaf: green; salt: white; sugar: white; (the |)ocean: blue; (the |)sea: blue
cheese: yellow; (a |)blueberry: blue; (a |)cherry: red; cherries: red; broccoli: green; coffee: brown; gold: yellow; rice: white; (a |)panda: black and white
(a |)zebra: black and white; (a |)penguin: black and white; (an |)egg yolk: yellow; (an |)elephant: gray; spinach: green; ketchup: red; mustard: yellow; night: black; (the |)night sky: black; fire: red; charcoal: black; honey: yellow; cotton: white; lettuce: green; peas: green; mars: red
""")
_MIXES = pairs("""
(blue and yellow|yellow and blue): green; (red and yellow|yellow and red): orange; (red and blue|blue and red): purple
(red and white|white and red): pink; (black and white|white and black): gray
""")
_PLANETS = pairs("""
(first|1st): Mercury; (second|2nd): Venus; (third|3rd): Earth; (fourth|4th): Mars; (fifth|5th): Jupiter
(sixth|6th): Saturn; (seventh|7th): Uranus; (eighth|8th|last): Neptune
""")
_PLACES = pairs("""
mercury: 1; venus: 2; earth: 3; mars: 4; jupiter: 5; saturn: 6; uranus: 7; neptune: 8
""")

NATURE: dict[str, dict[str, str]] = {
    "symbol": _SYMBOLS,
    "element": {symbol: key.strip("()").split("|")[0] for key, symbol in _SYMBOLS.items()},
    "atomic number": _NUMBERS,
    "young": _YOUNG,
    "sound": _SOUNDS,
    "legs": _LEGS,
    "kind": _KINDS,
    "female": _FEMALES,
    "home": _HOMES,
    "group": _GROUPS,
    "colour": _COLOURS,
    "mix": _MIXES,
    "planet": _PLANETS,
    "planet's place": _PLACES,
}
"""relation -> key (a pattern) -> answer."""
