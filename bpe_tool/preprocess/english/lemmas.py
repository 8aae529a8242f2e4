"""What a dictionary without context gets wrong about English words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bpe_tool.preprocess.english.lemma_context import TESTS
from bpe_tool.preprocess.word_spans import set_of

#: A lemma and the forms that have it in every context.
_FORMS = """
act: acts acted / ad: ads / add: adds added adding / adjudge: adjudged adjudging / age: ages aged
agree: agreed agreeing / aid: aids aided aiding / aim: aims aimed aiming / ally: allies allied
annex: annexes annexed annexing / ant: ants / app: apps / arm: arms armed arming / art: arts
ask: asks asked asking / ass: asses / assail: assailed assailing
attach: attaches attached attaching / awake: awoke awoken / awe: awed / axis: axis
bacterium: bacteria / bad: worse worst / bag: bags / bare: bare bares bared baring / basis: basis
bass: bass basses / be: am is are was were been / beat: beaten / bed: beds / bee: bees
beef: beeves / beget: begot begotten / bend: bends bending bent / bereave: bereft / big: bigger
bit: bits / bite: bitten / bleed: bled / bless: blesses blessed blessing
blow: blows blew blown blowing / booty: booties / box: boxes boxed boxing / boy: boys
breed: breeding bred / bring: brings brought bringing / bug: bugs / burn: burnt / bus: buses busses
buy: buys buying bought / cabby: cabbies / can: cans
cancel: cancels cancelled cancelling canceled canceling / car: cars / cat: cats
channel: channelled channelling / cheat: cheats cheated cheating / child: children
class: classes classed / cleave: cloven / cling: clings clung clinging / cloth: cloths
clothe: clothed / clothes: clothes / coax: coaxes coaxed coaxing / come: comes coming came
compel: compels compelled compelling / con: conned conning / confer: conferred conferring
control: controls controlled controlling / corpus: corpora / counsel: counselled counselling
cow: cows / craft: crafted crafting / creep: crept / crisis: crises / criterion: criteria
cross: crosses crossed crossing / cup: cups / curriculum: curricula / curry: curries curried
datum: datum / day: days / defer: deferred deferring / deposit: deposits deposited depositing
determine: determines determined determining / develop: develops developed developing
dial: dialled dialling / die: dies died dying dice / dig: digs dug digging / do: does did done doing
dog: dogs / draw: draws drew drawn / dream: dreamt / drench: drenched drenching
dress: dresses dressed dressing / dry: dries dried drying / dumb: dumber dumbest / dwarf: dwarves
dwell: dwelt dwells / dye: dyes dyed dyeing / ear: ears / eat: eats ate eaten eating / egg: eggs
elf: elves / embed: embeds embedded embedding / end: ends ended / envelop: enveloped enveloping
envy: envied envies envying / equal: equalled equalling / even: evened
excel: excels excelled excelling / exemplify: exemplified exemplifies exemplifying
expel: expels expelled expelling / eye: eyes eyed / fantasy: fantasies / far: farther farthest
fax: faxes faxed faxing / feed: feeds fed feeding / fix: fixes fixed fixing / flat: flatter
flax: flax / flee: flees fled fleeing / flex: flexes flexed flexing / fling: flings flung flinging
flip: flipped flipping / fly: flies flew flown flying / foot: feet / forbid: forbade
foresee: foresaw foreseen / forgive: forgave forgiven / forsake: forsook forsaken / fox: foxes
free: freed freeing / freeze: froze frozen / frolic: frolicked frolicking / fuel: fuelled fuelling
further: further / garlic: garlicked / gas: gases / gel: gelled gelling
get: gets got gotten getting / glass: glasses / go: goes went gone going / god: gods
goody: goodies / goose: geese / grandchild: grandchildren / grass: grasses
grow: grows grew grown growing / guard: guards guarded guarding / guess: guesses guessed guessing
gun: guns / hamburger: hamburgers / hang: hangs hung hanged hanging / hat: hats
have: has had having hath hast / hew: hewn / hide: hides hid hidden hiding / hit: hits hitting
hoax: hoaxes / hot: hotter / housewife: housewives / hypocrisy: hypocrisies / ice: iced / id: ids
incur: incurred incurring / index: indexes indexed indexing indices / infer: inferred inferring
intern: interned interning / it: it / its: its / junky: junkies / key: keys / kid: kids
kneel: knelt / know: knows knew known knowing / label: labels labelled labelling / law: laws
lay: lay lays laid laying / lead: leads led / lean: leant / leap: leapt / learn: learnt
leave: leaving / leg: legs / lend: lends lent lending / lens: lenses / less: less
let: lets letting / level: levelled levelling / lie: lies lied lying lain / light: lights lit
lip: lips / little: little / long: longed / lose: loses lost losing / loss: losses
louse: lice louses / malady: maladies / man: men / map: maps mapped / marvel: marvelled marvelling
mass: masses / me: me / media: media / meet: meets met / mess: messes messed messing
midwife: midwives / mimic: mimicked mimicking / mine: mine / mislead: misled
miss: misses missed missing / mix: mixes mixed mixing
model: models modelled modelling modeled modeling / money: monies / moral: morals / mouse: mice
mow: mown / my: my / news: news / note: notes noted noting / oasis: oases
occur: occurs occurred occurring / off: offs / omit: omits omitted omitting / one: ones
opera: opera operas / orgy: orgies / out: outs / output: outputs outputting outputted
outshine: outshone / own: owns owned owning / ox: oxen / panel: panels panelled panelling
panic: panicked panicking / pass: passes passed passing / paste: pastes pasted pasting
pay: pays paid paying / pen: pens / pencil: pencils pencilled / penny: pence
permit: permits permitted permitting / phenomenon: phenomena / picnic: picnicked / pig: pigs
play: plays played playing / plead: pled / pledge: pledged pledging / pot: pots
pray: prays prayed praying / prefer: prefers preferred preferring
prefix: prefixes prefixed prefixing / press: presses pressed pressing
process: processes processed processing / proclaim: proclaimed proclaiming
program: programs programmed / propel: propels propelled propelling / prove: proven
put: puts putting / quarrel: quarrelled quarrelling / rebel: rebelled rebelling / recoup: recouped
recur: recurred recurring / refer: refers referred referring / relax: relaxes relaxed relaxing
reprogram: reprogrammed reprogramming / rival: rivalled rivalling / robin: robin robins / row: rows
run: runs ran running / sale: sales / saw: sawn / say: says said / scarf: scarves
schoolchild: schoolchildren / second: seconds seconded / see: sees saw seen seeing / self: selves
sell: sells sold selling / seventh: seventh / sew: sews sewed sewn sewing / shave: shaven
sheaf: sheaves / shear: shorn / shine: shone / shovel: shovelled shovelling
show: shows showed shown showing / shrink: shrank shrunk / shy: shied
signal: signals signalled signalling signaled signaling / sing: sings sang sung singing
singe: singed singeing / sit: sits sat / ski: skis skied skiing / sky: skies
slay: slays slew slain / slide: slid / sling: slings slung slinging / smite: smote smitten
smooth: smooths smoothed smoothing / sneak: snuck / son: sons / sow: sows sowed sown
span: span spans spanned spanning / spell: spelt / spill: spilt / spin: spun
spiral: spiralled spiralling / spit: spat / spoil: spoilt / spring: springs sprang sprung springing
stay: stays stayed staying / stencil: stencilled / sting: stings stung stinging / strew: strewn
stride: strode stridden / string: strings strung stringing / strive: strove striven
submit: submits submitted submitting / suffix: suffixes suffixed suffixing
suit: suits suited suiting / sun: suns / swear: swore sworn swearing / sweep: swept / swell: swollen
swing: swings swung swinging / tag: tags tagged / take: takes took taken taking
tar: tarred tarring / tax: taxes taxed taxing / thank: thanked thanking / that: those / they: them
think: thinks thinking / this: this these / throw: throws threw thrown throwing
tie: ties tied tying / toe: toes / tooth: teeth / toss: tosses tossed tossing
total: totals totalled totalling / traffic: trafficked trafficking
transfer: transfers transferred transferring / transmit: transmits transmitted transmitting
travel: travels travelled travelling traveled traveling / tread: trod trodden
try: tries tried trying / tunnel: tunnelled tunnelling / undo: undid / undone: undone
unfold: unfolded unfolding / unit: units / unite: unites united uniting / unseen: unseen
unwind: unwound / up: ups / us: us / use: uses used using / user: users / vie: vied vying
war: wars / wax: waxes waxed waxing / way: ways / we: we / weave: wove woven / weep: wept
wharf: wharves / wife: wives / win: wins won winning / wing: wings winged winging
withhold: withheld / woman: women / wring: wrings wrung wringing / write: writes wrote written
"""

#: Words that look like forms, or that a dictionary takes for forms, and are none.
_UNINFLECTED = """
according amends auspices billiards binoculars bunting calipers ceiling charades clothing cola
confines cornea creamer crossroads cunning darkling dogged downtrodden dregs dumpling dungarees
during environs eraser evening everlasting excruciating fireworks fleeting foreboding gaiters
gelding genitals goods graffiti greed hackles hijinks hindquarters hypochondria idler inkling inning
kubernetes kudos laden leggings longing manners measles middling nestling offing outlying panties
paparazzi pending phonetics pincers pliers postgres proceedings propeller ragged riches rugged sepia
shenanigans shorts sightseeing slicker specifics spectacles suckling suds summons sunglasses
surroundings tanner tenterhooks tights tongs trivia troops trousers tweezers undergarments us
viscera vitae weed whiting wicked winnings worsted zirconia
"""

#: Verbs in `un-`; other words of the kind `unexplored` are no forms of verbs.
_VERBS_IN_UN = """
unbind unblock unbuckle unbutton unchain unclog uncork uncover underestimate undergo underlie
underline undermine underscore understand undertake undo undress unearth unfasten unfold unfurl
unhook unify uninstall unite unleash unload unlock unmask unnerve unpack unpick unplug unravel
unroll unscrew unseal unseat unsettle unstick unsubscribe untangle untie unveil unwind unwrap unzip
"""

#: A word; its lemma when nothing tells; then what it is in contexts, the first that fits first.
#: The names of contexts are those of `lemma_context.TESTS`.
_AMBIGUOUS = """
am be after-number=am noun=am / axes axis third=axe / bases base / being be noun=being
best good at=best base=well do=well participle=well pronoun=well
better good do=well base=better subject=well participle=well manner=well / bit bit verb=bite
bore bear noun=bore base=bore verb=bear / born bear noun=born / bound bound verb=bind / bred breed
broke break / calves calf third=calve / cleaner cleaner than=clean be=clean
closer close noun=closer / cooler cooler than=cool be=cool
determined determine passive=determine be=determined degree=determined noun=determined
devoted devote degree=devoted noun=devoted link=devoted / done do i'm=done / dove dove verb=dive
drawer drawer / drunk drunk passive=drink have=drink / dryer dryer than=dry be=dry / fed feed
fell fall this=fall noun=fell base=fell
felt feel this=feel noun=felt after-preposition=felt base=felt / finished finish i'm=finished
following follow / found find base=found / glasses glass / gone go be=gone
ground ground verb=grind / halves half third=halve / hooves hoof / ins in after-number=ins
involved involve link=involved degree=involved / knives knife verb=knife
lay lay base=lay object=lay noun=lay preposition=lie end=lie
leaves leaf this=leave noun=leaf third=leave number=leave / led lead
left leave direction=left this=leave noun=left edge=left after-preposition=left
lighter lighter than=light be=light
limited limited degree=limited be=limit subject=limit object=limit / lit light
lives life this=live noun=life subject=live preposition=live / loaves loaf / lost lose link=lost
lower low base=lower subject=lower / married marry passive=marry be=married noun=married
meaning meaning subject=mean be=mean part=mean object=mean
means mean this=mean noun=means after-preposition=means / nations nation united=nations
proceeds proceed this=proceed noun=proceeds edge=proceeds / putting put
regards regards subject=regard object=regard / remains remain this=remain noun=remains
rose rise this=rise noun=rose edge=rose after-preposition=rose base=rose / rung rung verb=ring
saw see this=see noun=saw after-preposition=saw base=saw / sharper sharp
shelves shelf third=shelve / shot shot verb=shoot / slower slow / sought seek
sounder sound noun=sounder / spoke speak noun=spoke after-preposition=spoke
states state united=states / steeper steep / stole steal noun=stole / stove stove verb=stave
stranger stranger than=strange / stuck stick be=stuck link=stuck noun=stuck degree=stuck / tear tear
thieves thief third=thieve / thought think noun=thought after-preposition=thought
wasted waste link=wasted / wolves wolf / wound wound verb=wind particle=wind
"""

#: Nouns in `-ing`, unless the context is a verb's; others are nouns only where a noun must be.
_NOUNS_IN_ING = """
accounting advertising ageing aging awakening baking balloting banding banking barcoding bargaining
bashing bathing batting bearing bedding betting bicycling billing binding birding blacksmithing
blessing boarding boating bombing bonding bookbinding booking bookkeeping bootlegging bottling
bowling boxing brainwashing breeding brewing briefing broadcasting browsing budgeting buffering
building bullying campaigning camping canoeing canvassing carpeting carpooling carving casting
catering ceiling censoring challenging cheating cheerleading christening cleaning clearing clipping
coaching coating coding coloring colouring composting computing conditioning consulting copying
counseling counselling craving cropping crossing cycling dating decking decoding deworming dining
diving docking downsizing drilling drying dumping dusting dwelling earning editing embroidering
encoding engineering engraving etching farming fasting feeding fencing filing filming financing
firefighting fishing fitting flooding flooring flowering footing foraging forecasting forging
freelancing frosting funding fundraising gambling gaming gardening gouging grading grazing greeting
grilling grooming grouping hacking handwriting hauling healing heating herding hiking hiring
hitchhiking homeschooling horseriding housing icing imaging indexing invoicing jogging juggling
kayaking kickboxing knitting landing landscaping laundering learning leasing lettering licensing
lighting lining loading lobbying lodging logging longing looting lynching manufacturing mapping
marketing meaning meeting merchandising messaging metalworking metering milling mining
misunderstanding modding modeling modelling molding monitoring mooring motorcycling moulding
mountaineering mourning multitasking netting networking neuroimaging nursing offering onboarding
orienteering outing outsourcing packaging packing paddling painting paneling panelling paragliding
parenting parking peacekeeping photocopying picketing planning plastering plating plumbing poaching
podcasting poisoning policing polling positioning posting pricing printing processing profiling
programming proofreading pruning publishing quilting racing rafting railing ranching rating
rationing rearing reasoning rebranding rebuilding reckoning recording recruiting recycling
refinancing refueling rehearing remodeling remodelling restructuring riding rigging roasting roofing
rowing ruling sailing sampling sandblasting scaffolding scaling scheduling schooling screening
sculpting seasoning seating sentencing sequencing setting sewing shipping shooting shoplifting
shopping siding signalling signing silversmithing skateboarding skating skiing skydiving smoking
smuggling snorkeling snowboarding snowshoeing soldering solving songwriting sourcing spacing
spamming spelling sprinkling spying staffing steering stockpiling storytelling structuring styling
suffering surfing surroundings sweetening tanning tasking tasting teaching telecommuting
telemarketing testing texting tiling timing tooling towing trading trafficking training travelling
trekking trolling tubing tutoring typesetting understanding undertaking unloading upbringing
upholstering vaping videoconferencing viewing volunteering walking warming warning wedding
weightlifting welding whaling windsurfing winemaking wiring withholding woodcarving woodworking
wording wrapping wrestling wrongdoing yachting zoning
"""

#: Words in `-ing` that are nouns after a determiner, whatever follows: `the living room`.
_NOUNS_AFTER_DETERMINERS = """
acting backing basking bearing beating beeping beginning blessing boiling booming breaking breathing
buying calling cooking cooling coping counting crying dancing distinguishing drawing drinking
driving earning ending examining fainting feeling fighting finding flirting founding freezing
gagging governing handling hanging hauling hearing hunting ironing killing lasting launching
listening listing living mailing meaning melting missing mourning moving negotiating operating
planting playing posting potting probing ranking rattling reading rendering reporting rising rolling
saving scratching serving shaking sharing showing singing sleeping spawning speaking spending
sporting standing starting stuffing swimming talking testing thinking tracking turning unloading
voting waiting weeping weighting writing yearning
"""

#: Adjectives in `-ing`.
_ADJECTIVES_IN_ING = """
addicting aggravating agonizing alarming alluring amazing amusing annoying appalling appealing
appetizing astonishing astounding baffling bewildering binding blinding booming boring breathtaking
bustling captivating charming comforting compelling condescending confusing convincing corresponding
cunning damaging damning daring dashing daunting dazzling deafening debilitating degrading demeaning
depressing deserving devastating disappointing disarming disconcerting disgusting disheartening
distracting distressing disturbing dizzying easygoing edifying electrifying embarrassing enchanting
endearing engrossing enlightening enterprising entertaining enticing exasperating exciting
exhausting exhilarating fascinating flattering fledgling forgiving forthcoming freewheeling
frightening frustrating fucking fulfilling glaring gratifying gripping groundbreaking grueling
gruelling harrowing haunting heartbreaking heartwarming horrifying hulking humbling humiliating
illuminating impending imposing incriminating infuriating ingratiating inspiring insulting
interesting intimidating intoxicating intriguing invigorating irritating jarring lingering loving
maddening menacing mesmerizing misleading moisturizing nagging nauseating nourishing obliging
ongoing outgoing outstanding overarching overbearing overriding overwhelming painstaking patronizing
penetrating perplexing piercing pleasing promising puzzling rambling reassuring refreshing
rejuvenating relaxing resounding revealing revolting rewarding riveting satisfying scathing
scorching searing shocking sickening soaking sobering soothing sparkling sprawling staggering
startling stifling stinking striking stunning suffocating surprising sweeping tantalizing tempting
terrifying thrilling thriving tiring troubling unassuming unbending unconvincing underlying undying
unending unfailing unflattering unflinching unforgiving uninspiring uninteresting unnerving
unrelenting unsettling unsurprising unwavering unwilling unyielding uplifting upsetting vanishing
vexing welcoming willing withering
"""

#: Adjectives in `-ed`, and other participles that are rarely verbs: what people or things are,
#: not what is done to them.
_PARTICIPLES = """
accursed acquainted addicted advanced advantaged afflicted aforementioned aged alarmed amused
animated annoyed antiquated arched armed ashamed assorted astonished automated barbed bearded
belated beloved bemused bereaved bewildered biased bigoted bloated bored browned burnt captivated
certified coagulated coiled complicated computerised computerized concerned confused congested
contented convoluted corrugated cramped crippled crooked crowded cultured curved dazed deceased
dedicated deformed dehydrated delighted demented demoralized depraved depressed deprived deranged
despised detailed dilapidated disabled disciplined diseased disenchanted disgruntled disgusted
disheveled dishevelled disillusioned disinterested dismayed disorganized displeased dissatisfied
distinguished distraught divorced dumbfounded dyed elated emaciated embarrassed embattled embittered
enlightened enraged enthused esteemed estranged excited exhausted experienced expired fabled famed
fascinated fashioned fenced fertilized flabbergasted flawed flustered forbidden forested fragmented
frazzled freckled frustrated gated gifted gilded glorified gnarled gratified grizzled hackneyed
handicapped haunted heartbroken hidden horned horrified impaired impassioned impoverished impressed
incarcerated inclined indebted inebriated infatuated interconnected interested intertwined
intimidated intoxicated intrigued irrigated irritated jaded jagged jeweled justified landlocked
layered lopsided mainstreamed malnourished mangled manned minded misguided mistaken mortified
muffled numbered obsessed opinionated organised outdated outmoded outraged overcooked overcrowded
overgrown overjoyed overpriced overqualified overrated oversized overworked palmed parched paved
perplexed perturbed perverted petrified pigmented pleased poised predisposed prejudiced preoccupied
privileged puzzled qualified refined related relaxed relieved renowned retarded riddled ringed
satisfied saturated scared secluded sedated shattered shocked sized skilled sleeved sophisticated
specialised specialized spirited spoiled stilted striped stunned subdued sunburned sunburnt sunken
sustained swollen talented tattered tenured terrified textured themed thrilled tinted tired
traumatized troubled unabashed underdeveloped uniformed united unmarried unwed varied vaunted veiled
versed vested weathered widowed wooded worried wrapped
"""

#: Verbs that take `of`, so that they are none of the nouns of `the making of`.
VERBS_BEFORE_OF = set_of(
    "thinking hearing speaking talking dreaming consisting knowing complaining disposing"
    " being tiring running smelling dying approving taking getting coming"
)

#: Acronyms that are words in small letters.
_ACRONYMS = """
aids am fed led met sat ted
"""


class Readings(NamedTuple):
    """The lemmas of a word that has several: by default, and in contexts, the first that fits.

    Attributes:
        default: The lemma when no context fits.
        by_context: Names of contexts and the lemmas there.
        rule: Which rule the default follows from.
        confidence: How sure the default is.
    """

    default: str
    by_context: tuple[tuple[str, str], ...]
    rule: str = "context-none"
    confidence: float = 0.6

    def lemma(self, before: int, after: int) -> tuple[str, str, float]:
        """Return the lemma, the rule and the confidence, by what stands around."""
        for context, lemma in self.by_context:
            if TESTS[context](before, after):
                return lemma, f"context-{context}", 0.9
        if self.confidence < 1:
            for context in ("noun", "verb"):
                if TESTS[context](before, after):
                    return self.default, f"context-{context}", 0.9
        return self.default, self.rule, self.confidence


def _entries(table: str) -> Iterator[str]:
    return filter(None, map(str.strip, table.replace("\n", " / ").split(" / ")))


def _read_forms() -> dict[str, str]:
    lemmas: dict[str, str] = {}
    for entry in _entries(_FORMS):
        lemma, _, forms = entry.partition(": ")
        lemmas |= dict.fromkeys(forms.split(), lemma)
    return lemmas | {word: word for word in _UNINFLECTED.split()}


def _read_ambiguous() -> dict[str, Readings]:
    found: dict[str, Readings] = {}
    for entry in _entries(_AMBIGUOUS):
        word, default, *others = entry.split()
        pairs = (other.partition("=") for other in others)
        found[word] = Readings(default, tuple((context, lemma) for context, _, lemma in pairs))
    return found


def participle(word: str, verb: str) -> Readings:
    """Return the lemmas of a word in `-ed` or `-ing`, or of an irregular participle.

    Args:
        word: In lower case.
        verb: Its lemma as a verb.
    """
    ing = word.endswith("ing")
    if word in NOUNS_IN_ING:
        contexts = ("object", "particle", "subject", "verb", "start")
        return Readings(word, (("noun", word), *((name, verb) for name in contexts)))
    if word not in ADJECTIVES:
        as_written: tuple[str, ...] = ("very",)
        if ing:
            as_written = ("nominal", "degree")
            if word in NOUNS_AFTER_DETERMINERS:
                as_written += ("noun", "head")
            if word not in VERBS_BEFORE_OF:
                as_written += ("of",)
        return Readings(verb, tuple((name, word) for name in as_written), "dictionary", 1.0)
    if ing:
        return Readings(word, (("degree", word), ("noun", word), ("thing", verb)))
    return Readings(
        word,
        (
            ("degree", word), ("passive", verb), ("noun", word), ("be", word), ("link", word),
            ("object", verb), ("subject", verb), ("perfect", verb),
        ),
    )  # fmt: skip


NOUNS_IN_ING = set_of(_NOUNS_IN_ING)
NOUNS_AFTER_DETERMINERS = set_of(_NOUNS_AFTER_DETERMINERS)
ADJECTIVES = set_of(_ADJECTIVES_IN_ING + _PARTICIPLES)
ACRONYMS = set_of(_ACRONYMS)
VERBS_IN_UN = set_of(_VERBS_IN_UN)
AMBIGUOUS = _read_ambiguous()
EXCEPTIONS = {form: lemma for form, lemma in _read_forms().items() if form not in AMBIGUOUS}

#: All that a result depends on beside the dictionary.
TABLES = (
    _FORMS, _UNINFLECTED, _VERBS_IN_UN, _AMBIGUOUS, _NOUNS_IN_ING, _NOUNS_AFTER_DETERMINERS,
    _ADJECTIVES_IN_ING, _PARTICIPLES, _ACRONYMS,
)  # fmt: skip
