"""What a dictionary without context gets wrong about English words."""

from __future__ import annotations

from typing import NamedTuple

#: A lemma and the forms that have it in every context.
_FORMS = """
act: acts acted / add: adds added adding / annex: annexes annexed annexing
attach: attaches attached attaching / awe: awed / bad: worse worst / bare: bare bares bared baring
be: am is are was were been / bee: bees / bend: bends bending bent / box: boxes boxed boxing
bless: blesses blessed blessing / bus: buses busses / buy: buys buying bought
cancel: cancels cancelled cancelling canceled canceling / channel: channelled channelling
class: classes classed / clothes: clothes / coax: coaxes coaxed coaxing / come: comes coming came
compel: compels compelled compelling / confer: conferred conferring
control: controls controlled controlling / counsel: counselled counselling
criterion: criteria / cross: crosses crossed crossing / defer: deferred deferring
deposit: deposits deposited depositing / determine: determines determined determining
develop: develops developed developing / dial: dialled dialling / die: dies died dying
dig: digs dug digging / do: does did done doing / draw: draws drew drawn / dwell: dwelt dwells
eat: eats ate eaten eating / embed: embeds embedded embedding / equal: equalled equalling
excel: excels excelled excelling / expel: expels expelled expelling
fax: faxes faxed faxing / feed: feeds fed feeding / fix: fixes fixed fixing
flax: flax / flex: flexes flexed flexing / fox: foxes / fuel: fuelled fuelling
further: further / get: gets got gotten getting / glass: glasses / go: goes went gone going
grass: grasses / grow: grows grew grown growing / guard: guards guarded guarding
guess: guesses guessed guessing / hang: hangs hung hanged hanging / have: has had having
hide: hides hid hidden hiding / hit: hits hitting / hoax: hoaxes / incur: incurred incurring
index: indexes indexed indexing indices / infer: inferred inferring / it: it / its: its
know: knows knew known knowing / label: labels labelled labelling / lay: lay lays laid laying
lead: leads led / lend: lends lent lending / lens: lenses / less: less
let: lets letting / level: levelled levelling / lice: lice / lie: lies lied lying lain
light: lights lit / little: little / lose: loses lost losing / loss: losses / man: men
marvel: marvelled marvelling / mass: masses / media: media / meet: meets met / me: me
mess: messes messed messing / mine: mine / miss: misses missed missing
mix: mixes mixed mixing / model: models modelled modelling modeled modeling / moral: morals
my: my / news: news / note: notes noted noting / occur: occurs occurred occurring
omit: omits omitted omitting / opera: opera operas / output: outputs outputting outputted
own: owns owned owning / panel: panels panelled panelling / pass: passes passed passing
paste: pastes pasted pasting / pencil: pencils pencilled / permit: permits permitted permitting
phenomenon: phenomena / play: plays played playing / prefer: prefers preferred preferring
prefix: prefixes prefixed prefixing / press: presses pressed pressing / process: processes
process: processed processing / program: programs programmed / propel: propels propelled propelling
proven: proven / put: puts putting / quarrel: quarrelled quarrelling / rebel: rebelled rebelling
recur: recurred recurring / refer: refers referred referring / relax: relaxes relaxed relaxing
reprogram: reprogrammed reprogramming / rival: rivalled rivalling / robin: robin robins
run: runs ran running / second: seconds seconded / see: sees saw seen seeing
sell: sells sold selling / seventh: seventh / shovel: shovelled shovelling
signal: signals signalled signalling signaled signaling / sing: sings sang sung singing
sit: sits sat / smooth: smooths smoothed smoothing / span: span spans spanned spanning
spiral: spiralled spiralling / spring: springs sprang sprung springing
stencil: stencilled / string: strings strung stringing / submit: submits submitted submitting
suffix: suffixes suffixed suffixing / suit: suits suited suiting / swing: swings swung swinging
take: takes took taken taking / tax: taxes taxed taxing / think: thinks thinking
this: this / toss: tosses tossed tossing / total: totals totalled totalling
transfer: transfers transferred transferring / transmit: transmits transmitted transmitting
travel: travels travelled travelling traveled traveling / tunnel: tunnelled tunnelling
undone: undone / unit: units / unite: unites united uniting / unseen: unseen / us: us
user: users / wax: waxes waxed waxing / we: we / win: wins won winning / wing: wings winged
woman: women / write: writes wrote written / axis: axis / basis: basis / bass: bass basses
dress: dresses dressed dressing / cling: clings clung clinging / fling: flings flung flinging
sling: slings slung slinging / sting: stings stung stinging / wring: wrings wrung wringing
bring: brings brought bringing / cheat: cheats cheated cheating / slay: slays slew slain
sew: sews sewed sewn sewing / sow: sows sowed sown / show: shows showed shown showing
throw: throws threw thrown throwing / blow: blows blew blown blowing / fly: flies flew flown flying
dry: dries dried drying / try: tries tried trying / tie: ties tied tying / vie: vied vying
sky: skies / ski: skis skied skiing / dye: dyes dyed dyeing / singe: singed singeing
stay: stays stayed staying / say: says said / pay: pays paid paying / pray: prays prayed praying
flee: flees fled fleeing / free: freed freeing / agree: agreed agreeing / foot: feet
tooth: teeth / goose: geese / mouse: mice / louse: louses / child: children / ox: oxen
ask: asks asked asking / aid: aids aided aiding / aim: aims aimed aiming / ally: allies allied
ad: ads / age: ages aged / ant: ants / app: apps / arm: arms armed / art: arts / bag: bags
bed: beds / bit: bits / boy: boys / bug: bugs / can: cans / car: cars / cat: cats / cow: cows
cup: cups / day: days / dog: dogs / ear: ears / egg: eggs / end: ends ended / eye: eyes eyed
gas: gases / god: gods / gun: guns / hat: hats / ice: iced / id: ids / key: keys / kid: kids
law: laws / leg: legs / lip: lips / map: maps mapped / one: ones / pen: pens / pig: pigs
pot: pots / row: rows / son: sons / sun: suns / tag: tags tagged / use: uses used using
war: wars / way: ways
"""

#: A word; its lemma when nothing tells; then, where it is another, its lemma as a noun, as a
#: finite verb or participle, as an infinitive, and before `than`.
_AMBIGUOUS = """
axes axis verb=axe / bases base / better good base=better / best good base=best
bit bit verb=bite / bore bear noun=bore base=bore / bound bound verb=bind
broke break / dove dove verb=dive / drunk drunk verb=drink / fell fall base=fell
felt feel noun=felt base=felt / found find base=found / ground ground verb=grind
leaves leaf verb=leave / left left verb=leave / lighter lighter than=light
lives life verb=live / lower low base=lower verb=lower / rose rose verb=rise
rung rung verb=ring / saw see noun=saw base=saw / shot shot verb=shoot
sought seek / spoke speak noun=spoke / stole steal noun=stole / stove stove verb=stave
stranger stranger than=strange / tear tear / thought think noun=thought
wound wound verb=wind / wolves wolf / halves half verb=halve / calves calf verb=calve
shelves shelf verb=shelve / thieves thief verb=thieve / hooves hoof / loaves loaf
knives knife verb=knife / lay lay / leading leading verb=lead / being be noun=being
putting put / steeper steep / cooler cooler than=cool / sharper sharp / cleaner cleaner than=clean
dryer dryer than=dry / closer close noun=closer / slower slow / drawer drawer
"""

#: A noun in `-ing` and the verb that it may be a form of.
_NOUNS_IN_ING = """
accounting account / acting act / backing back / bearing bear / beating beat / beginning begin
bidding bid / binding bind / blending blend / booking book / boring bore / breathing breathe
breeding breed / briefing brief / building build / burning burn / calling call / casting cast
ceiling ceil / cleaning clean / clearing clear / climbing climb / closing close / coating coat
coding code / computing compute / cooking cook / cutting cut / dancing dance / dealing deal
drawing draw / drinking drink / driving drive / dwelling dwell / earning earn / encoding encode
ending end / engineering engineer / engraving engrave / farming farm / fastening fasten
feeling feel / fighting fight / filling fill / finding find / fishing fish / fitting fit
flooding flood / flooring floor / folding fold / freezing freeze / funding fund
gathering gather / grouping group / greeting greet / handling handle / heading head
hearing hear / heating heat / holding hold / housing house / hunting hunt / killing kill
landing land / learning learn / lighting light / listing list / living live / mapping map
marketing market / meaning mean / meeting meet / mining mine / misunderstanding misunderstand
offering offer / opening open / painting paint / parking park / piercing pierce
planning plan / posting post / printing print / programming program / ranking rank / rating rate
reading read / recording record / ruling rule / sailing sail / sampling sample / saving save
saying say / scaling scale / schooling school / serving serve / setting set / sewing sew
shipping ship / shooting shoot / shopping shop / showing show / sitting sit / smoking smoke
spacing space / spelling spell / spending spend / splitting split / standing stand
stuffing stuff / suffering suffer / swimming swim / teaching teach / testing test
timing time / tracing trace / trading trade / training train / turning turn
understanding understand / walking walk / warning warn / washing wash / wedding wed
willing will / wiring wire / wording word / working work / writing write
"""


class Readings(NamedTuple):
    """The lemmas of a word that has several: by default, and by what the context tells."""

    default: str
    by_context: dict[str, str]


def _read_forms() -> dict[str, str]:
    lemmas: dict[str, str] = {}
    for entry in _FORMS.replace("\n", " / ").split(" / "):
        lemma, _, forms = entry.strip().partition(": ")
        lemmas |= dict.fromkeys(forms.split(), lemma)
    return lemmas


def _read_ambiguous() -> dict[str, Readings]:
    found: dict[str, Readings] = {}
    for entry in filter(None, _AMBIGUOUS.replace("\n", " / ").split(" / ")):
        word, default, *others = entry.split()
        found[word] = Readings(default, dict(other.split("=") for other in others))
    for entry in filter(None, _NOUNS_IN_ING.replace("\n", " / ").split(" / ")):
        word, verb = entry.split()
        found[word] = Readings(word, {"verb": verb})
    return found


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: Words by what stands before or after the word in question.
DETERMINERS = _set("a an the this these those my your his her its our their each every some any no")
SUBJECTS = _set("i you he she it we they who")
AUXILIARIES = _set(
    "am is are was were be been being has have had having i'm you're he's she's it's we're they're"
    " i've you've we've they've isn't aren't wasn't weren't hasn't haven't hadn't"
)
INFINITIVE_MARKERS = _set(
    "to will would can could shall should may might must do does did cannot don't doesn't didn't"
    " won't wouldn't can't couldn't shouldn't"
)
OBJECT_STARTS = (DETERMINERS - {"no"}) | _set("me him us them")

#: Hosts after which `'s` is a verb, so that there is no possessive to take off.
CLITIC_HOSTS = _set("it he she that this there here what who where how when why let one")

AMBIGUOUS = _read_ambiguous()
EXCEPTIONS = {form: lemma for form, lemma in _read_forms().items() if form not in AMBIGUOUS}


def context_of(before: str, after: str) -> str:
    """Tell what the words around a word make of it: a name for the rule, or nothing.

    Args:
        before: The word before it, folded; empty if punctuation or a line end is between.
        after: The word after it, likewise.
    """
    if after == "than":
        return "than"
    if before in DETERMINERS:
        return "noun"
    if before in INFINITIVE_MARKERS:
        return "base"
    if before in SUBJECTS or before in AUXILIARIES or after in OBJECT_STARTS:
        return "verb"
    return ""
