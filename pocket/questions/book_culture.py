"""Facts about books, pictures, inventions, and words: opposites, plurals, past tenses."""

from __future__ import annotations

from .book_nature import pairs

CULTURE: dict[str, dict[str, str]] = {
    "author": pairs("""
Hamlet: Shakespeare; Macbeth: Shakespeare; (Romeo and Juliet|Romeo & Juliet): Shakespeare; Othello: Shakespeare
King Lear: Shakespeare; A Midsummer Night's Dream: Shakespeare; The Tempest: Shakespeare; Emma: Jane Austen
Pride and Prejudice: Jane Austen; Sense and Sensibility: Jane Austen; Oliver Twist: Charles Dickens
A Christmas Carol: Charles Dickens; Great Expectations: Charles Dickens; A Tale of Two Cities: Charles Dickens; David Copperfield: Charles Dickens
Faust: Goethe; War and Peace: Tolstoy; Anna Karenina: Tolstoy; Crime and Punishment: Dostoevsky
Don Quixote: Cervantes; (The |)Odyssey: Homer; (The |)Iliad: Homer; Ulysses: James Joyce; Dracula: Bram Stoker
Frankenstein: Mary Shelley; (Moby Dick|Moby-Dick): Herman Melville; Candide: Voltaire; The Trial: Franz Kafka; (The |)Metamorphosis: Franz Kafka
Dune: Frank Herbert; Animal Farm: George Orwell; (1984|Nineteen Eighty-Four): George Orwell; (The |)Hobbit: Tolkien
(The |)Lord of the Rings: Tolkien; The Aeneid: Virgil; Walden: Thoreau; (Harry Potter|the Harry Potter books): J.K. Rowling
Alice in Wonderland: Lewis Carroll; (The |)Little Prince: Saint-Exupery; Les Miserables: Victor Hugo
The Hunchback of Notre Dame: Victor Hugo; The Three Musketeers: Alexandre Dumas; The Count of Monte Cristo: Alexandre Dumas
Treasure Island: Robert Louis Stevenson; Peter Pan: J.M. Barrie; The Jungle Book: Rudyard Kipling; (Tom Sawyer|The Adventures of Tom Sawyer): Mark Twain
Huckleberry Finn: Mark Twain; Robinson Crusoe: Daniel Defoe; Gulliver's Travels: Jonathan Swift; Jane Eyre: Charlotte Bronte
Wuthering Heights: Emily Bronte; The Great Gatsby: F. Scott Fitzgerald; To Kill a Mockingbird: Harper Lee
The Catcher in the Rye: J.D. Salinger; The Old Man and the Sea: Ernest Hemingway; (Sherlock Holmes|the Sherlock Holmes stories): Arthur Conan Doyle
The Divine Comedy: Dante; Brave New World: Aldous Huxley; Lord of the Flies: William Golding; (The |)Hunger Games: Suzanne Collins
Twilight: Stephenie Meyer; The Da Vinci Code: Dan Brown; Charlie and the Chocolate Factory: Roald Dahl; Matilda: Roald Dahl
Winnie the Pooh: A.A. Milne; Pinocchio: Carlo Collodi; Narnia: C.S. Lewis; The Raven: Edgar Allan Poe; It: Stephen King
Around the World in Eighty Days: Jules Verne; The Time Machine: H.G. Wells; The Alchemist: Paulo Coelho
"""),
    "painter": pairs("""
(the |)Mona Lisa: Leonardo da Vinci; (the |)Last Supper: Leonardo da Vinci; (the |)Starry Night: Vincent van Gogh; Sunflowers: Vincent van Gogh
Guernica: Pablo Picasso; (the |)Scream: Edvard Munch; (the |)Sistine Chapel(| ceiling): Michelangelo; (the |)Night Watch: Rembrandt
Water Lilies: Claude Monet; (the |)Girl with a Pearl Earring: Johannes Vermeer; (the |)Persistence of Memory: Salvador Dali; (the |)Kiss: Gustav Klimt; The Birth of Venus: Sandro Botticelli
"""),
    "inventor": pairs("""
(telephone|phone): Alexander Graham Bell; (light bulb|lightbulb|electric light|bulb): Thomas Edison; (airplane|aeroplane|plane): the Wright brothers
printing press: Johannes Gutenberg; radio: Guglielmo Marconi; (steam engine): James Watt; dynamite: Alfred Nobel
(world wide web|web|www): Tim Berners-Lee; phonograph: Thomas Edison; (car|automobile): Karl Benz; telescope: Hans Lippershey
battery: Alessandro Volta; (vaccine|smallpox vaccine): Edward Jenner; (television|tv): John Logie Baird; (diesel engine): Rudolf Diesel; lightning rod: Benjamin Franklin; thermometer: Galileo Galilei; python (language|programming language): Guido van Rossum; linux: Linus Torvalds; braille: Louis Braille
"""),
    "discoverer": pairs("""
penicillin: Alexander Fleming; gravity: Isaac Newton; radium: Marie Curie; (theory of relativity|relativity): Albert Einstein
america: Christopher Columbus; (evolution|theory of evolution): Charles Darwin; (x-rays|x rays): Wilhelm Rontgen; oxygen: Joseph Priestley; (laws of motion): Isaac Newton; electron: J.J. Thomson
"""),
    "composer": pairs("""
(the |)Magic Flute: Mozart; Fur Elise: Beethoven; (the |)(Moonlight Sonata|ninth symphony|fifth symphony|ode to joy): Beethoven; (the |)Four Seasons: Vivaldi
Swan Lake: Tchaikovsky; (the |)Nutcracker: Tchaikovsky; Messiah: Handel; Carmen: Bizet; Aida: Verdi; Bolero: Ravel; (the |)Blue Danube: Johann Strauss; (the |)Marriage of Figaro: Mozart
"""),
    "opposite": pairs("""
hot: cold; cold: hot; big: small; small: big; large: small; little: big; up: down; down: up; left: right; right: left; day: night; night: day
black: white; white: black; good: bad; bad: good; fast: slow; slow: fast; quick: slow; happy: sad; sad: happy; rich: poor; poor: rich; old: young
young: old; new: old; long: short; short: long; tall: short; high: low; low: high; wet: dry; dry: wet; open: closed; closed: open; early: late
late: early; hard: soft; soft: hard; full: empty; empty: full; light: dark; dark: light; heavy: light; strong: weak; weak: strong; true: false; false: true
yes: no; no: yes; begin: end; start: stop; stop: start; win: lose; lose: win; love: hate; hate: love; buy: sell; sell: buy; push: pull; pull: push
in: out; out: in; on: off; off: on; near: far; far: near; first: last; last: first; thick: thin; thin: thick; wide: narrow; narrow: wide; deep: shallow
clean: dirty; dirty: clean; easy: difficult; difficult: easy; cheap: expensive; expensive: cheap; loud: quiet; quiet: loud; north: south; south: north
east: west; west: east; always: never; never: always; before: after; after: before; inside: outside; outside: inside; alive: dead; dead: alive
war: peace; peace: war; friend: enemy; enemy: friend; brave: cowardly; beautiful: ugly; ugly: beautiful; smart: stupid; awake: asleep; asleep: awake
sweet: sour; smooth: rough; rough: smooth; sharp: blunt; safe: dangerous; dangerous: safe; polite: rude; rude: polite; success: failure; laugh: cry
above: below; below: above; front: back; back: front; top: bottom; bottom: top; more: less; less: more; give: take; take: give; come: go; go: come
arrive: leave; remember: forget; forget: remember; accept: refuse; increase: decrease; add: subtract; multiply: divide; man: woman; boy: girl; king: queen; summer: winter; winter: summer; morning: evening; noisy: quiet; fat: thin; ancient: modern; public: private; same: different; possible: impossible; positive: negative; maximum: minimum; lazy: hardworking; generous: stingy; calm: nervous; kind: cruel; tight: loose; bright: dim; raw: cooked; straight: curved; victory: defeat; question: answer
"""),
    "plural": pairs("""
mouse: mice; child: children; foot: feet; tooth: teeth; man: men; woman: women; goose: geese; person: people; ox: oxen; sheep: sheep; fish: fish
deer: deer; leaf: leaves; knife: knives; wife: wives; life: lives; wolf: wolves; half: halves; shelf: shelves; loaf: loaves; city: cities; baby: babies
lady: ladies; party: parties; story: stories; country: countries; berry: berries; box: boxes; bus: buses; glass: glasses; dish: dishes; church: churches; watch: watches
potato: potatoes; tomato: tomatoes; hero: heroes; cactus: cacti; cat: cats; dog: dogs; book: books; car: cars; house: houses; apple: apples; key: keys; toy: toys
table: tables; fox: foxes; cherry: cherries; thief: thieves; crisis: crises; analysis: analyses; phenomenon: phenomena; criterion: criteria; louse: lice; medium: media; fungus: fungi; brush: brushes; class: classes; boy: boys; girl: girls; day: days; family: families; fly: flies; tree: trees; bird: birds; moose: moose; series: series; die: dice; radius: radii
"""),
    "past": pairs("""
go: went; eat: ate; see: saw; run: ran; take: took; give: gave; come: came; make: made; buy: bought; bring: brought; think: thought; teach: taught
catch: caught; write: wrote; drive: drove; speak: spoke; break: broke; drink: drank; sing: sang; swim: swam; begin: began; fly: flew; know: knew; grow: grew
throw: threw; sleep: slept; feel: felt; keep: kept; leave: left; lose: lost; say: said; tell: told; sell: sold; find: found; stand: stood; sit: sat; win: won
have: had; do: did; be: was; get: got; read: read; cut: cut; put: put; hear: heard; meet: met; pay: paid; send: sent; spend: spent; build: built; fall: fell; wear: wore; ride: rode; rise: rose; play: played; walk: walked; work: worked; talk: talked; stop: stopped; try: tried; draw: drew; fight: fought; choose: chose; forget: forgot; hide: hid; freeze: froze; steal: stole; wake: woke
"""),
    "synonym": pairs("""
big: large; large: big; happy: glad; sad: unhappy; fast: quick; quick: fast; smart: clever; clever: smart; start: begin; begin: start; end: finish; small: little; little: small
beautiful: pretty; angry: mad; scared: afraid; rich: wealthy; tired: sleepy; easy: simple; difficult: hard; hard: difficult; funny: amusing; quiet: silent; strange: odd; important: significant; help: assist; buy: purchase; choose: select; shout: yell; brave: courageous
"""),
    "comparative": pairs("""
good: better; bad: worse; big: bigger; small: smaller; fast: faster; far: farther; happy: happier; easy: easier; hot: hotter; cold: colder; tall: taller; many: more; little: less; nice: nicer; funny: funnier; heavy: heavier
"""),
    "superlative": pairs("""
good: best; bad: worst; big: biggest; small: smallest; fast: fastest; far: farthest; happy: happiest; easy: easiest; hot: hottest; cold: coldest; tall: tallest; many: most; little: least; funny: funniest; heavy: heaviest
"""),
    "translate spanish": pairs("hello: hola; goodbye: adios; thank you: gracias; yes: si; please: por favor; water: agua; house: casa; cat: gato; dog: perro; friend: amigo; good morning: buenos dias; one: uno; red: rojo; love: amor"),
    "translate french": pairs("hello: bonjour; goodbye: au revoir; thank you: merci; yes: oui; no: non; please: s'il vous plait; water: eau; house: maison; cat: chat; dog: chien; friend: ami; one: un; red: rouge; love: amour; bread: pain; good night: bonne nuit"),
    "translate german": pairs("hello: hallo; goodbye: auf Wiedersehen; thank you: danke; yes: ja; no: nein; please: bitte; water: Wasser; house: Haus; cat: Katze; dog: Hund; friend: Freund; one: eins; red: rot; love: Liebe; bread: Brot; good morning: guten Morgen"),
}  # fmt: skip
"""relation -> key (a pattern) -> answer."""
