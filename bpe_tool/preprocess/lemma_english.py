"""What a dictionary without context gets wrong about English words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bpe_tool.preprocess.lemma_context import TESTS

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
let: lets letting / level: levelled levelling / louse: lice / lie: lies lied lying lain
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
this: this these / that: those / they: them / toss: tosses tossed tossing / total: totals totalled totalling
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
adjudge: adjudged adjudging / arm: arming / ass: asses / assail: assailed assailing / bite: bitten
breed: bred / bleed: bled / burn: burnt / cabby: cabbies / cleave: cloven / cloth: cloths
clothe: clothed clothing / craft: crafted crafting / creep: crept / die: dice / dream: dreamt
drench: drenched drenching / dumb: dumber dumbest / envelop: enveloped enveloping
exemplify: exemplified exemplifies exemplifying / fantasy: fantasies / far: farther farthest
flip: flipped flipping / forgive: forgave forgiven / forsake: forsook forsaken / freeze: froze frozen
goody: goodies / grandchild: grandchildren / hamburger: hamburgers / have: hath hast
hypocrisy: hypocrisies / intern: interned interning / junky: junkies / kneel: knelt / lean: leant
leap: leapt / learn: learnt / long: longed / malady: maladies / mimic: mimicked mimicking
mislead: misled / orgy: orgies / panic: panicked panicking / picnic: picnicked
plead: pled / pledge: pledged pledging / proclaim: proclaimed proclaiming / recoup: recouped
schoolchild: schoolchildren / shear: shorn / shine: shone / shrink: shrank shrunk / shy: shied
slide: slid / smite: smote smitten / sneak: snuck / spell: spelt / spill: spilt / spin: spun
spit: spat / spoil: spoilt / stride: strode stridden / strive: strove striven / sweep: swept
swear: swore sworn swearing / swell: swollen / tar: tarred / thank: thanked thanking / toe: toes
traffic: trafficked trafficking / tread: trod trodden / undo: undid / unfold: unfolded unfolding
unwind: unwound / weave: wove woven / weep: wept / wife: wives / withhold: withheld / wring: wrung
frolic: frolicked frolicking / garlic: garlicked / hew: hewn / mow: mown / saw: sawn / bereave: bereft
awake: awoke awoken / beat: beaten / forbid: forbade / foresee: foresaw foreseen / shave: shaven
strew: strewn / leave: leaving / self: selves / elf: elves / dwarf: dwarves / wharf: wharves
scarf: scarves / beef: beeves / sheaf: sheaves / crisis: crises / oasis: oases
penny: pence / bacterium: bacteria / datum: datum / curriculum: curricula
die: dying / tie: tying / lie: lying
"""

#: Words that look like forms, or that a dictionary takes for forms, and are none.
_UNINFLECTED = """
according acoustics aerobics afterwards aged agenda alms always amends anything backwards barracks
bed besides bespoke biceps billiards binoculars bleed breed bring bunting calipers ceiling chaos
charades cola cornea corps cosmos creed crooked crossroads cunning darkling darling data debris
diabetes dogged downstairs downtrodden downwards dregs duckling dumpling dungarees during earnings
elder entrails eraser evening everlasting everything excruciating farthing fireworks fledgling
fleeting forceps foreboding former forwards furthermore gaiters gallows gelding genitalia goggles
goods graffiti greed handmade hatred headquarters hence herpes herring hindquarters hundred
hypochondria inbred indeed indoors inkling innards inner inning jeans kindred king kudos laden
latter learned leggings lest literati longevity longing lupus maria measles mechanics memorabilia
middling molasses morning mumps naked need nestling nothing notwithstanding offing once optics
outdoors outer outlay outlying outskirts overseas pajamas panties pants paparazzi paraphernalia
pending perhaps phonetics physics pincers pliers proceeds propeller pudding pyjamas rabies ragged
red regalia riches ring robotics rugged sacred savings scissors seed sepia series shears shed
shenanigans shorts sibling sideways slacks sled smithereens something species spectacles speed
spring sterling sting string suckling suds summons sunglasses surroundings swing tanner thanks
thing thus tights tongs towards trivia trousers tweezers twice undergarments underling underpants
unkempt unless upstairs upwards us utter viscera vitae weed whereabouts whiting wicked wing
winnings worsted wretched wrong zirconia
"""

#: Verbs in `un-`; other words of the kind `unexplored` are no forms of verbs.
_VERBS_IN_UN = """
unbind unblock unbuckle unbutton unchain unclog uncork uncover underestimate undergo underlie
underline undermine underscore understand undertake undo undress unearth unfasten unfold unfurl
unhook unify uninstall unite unleash unload unlock unmask unnerve unpack unpick unplug unravel
unroll unscrew unseal unseat unsettle unstick unsubscribe untangle untie unveil unwrap unzip
"""

#: A word; its lemma when nothing tells; then what it is in contexts, the first that fits first.
#: The names of contexts are those of `lemma_context.TESTS`.
_AMBIGUOUS = """
am be after-number=am noun=am / axes axis verb=axe / bases base
better good do=well base=better / best good at=best base=well
bit bit verb=bite / bore bear noun=bore base=bore verb=bear / born bear noun=born
bound bound verb=bind / bred breed / lit light
broke break / dove dove verb=dive / drunk drunk verb=drink
following follow / fell fall this=fall noun=fell base=fell / felt feel this=feel noun=felt base=felt
found find base=found / ground ground verb=grind / led lead
leaves leaf this=leave noun=leaf verb=leave before-number=leave
left left direction=left this=leave noun=left verb=leave before-preposition=leave before-number=leave
lighter lighter than=light / lives life this=live noun=life subject=live before-preposition=live
lower low base=lower subject=lower / means mean this=mean noun=means after-preposition=means
remains remain noun=remains / regards regards subject=regard object=regard
rose rose this=rise noun=rose verb=rise before-preposition=rise before-number=rise
rung rung verb=ring / saw see this=see noun=saw base=saw / shot shot verb=shoot
sought seek / spoke speak noun=spoke / states state united=states / nations nation united=nations
stole steal noun=stole / stove stove verb=stave
stranger stranger than=strange / tear tear / thought think noun=thought after-preposition=thought
wound wound verb=wind particle=wind / wolves wolf / halves half verb=halve / calves calf verb=calve
shelves shelf verb=shelve / thieves thief verb=thieve / hooves hoof / loaves loaf
knives knife verb=knife / lay lay / being be noun=being
putting put / steeper steep / cooler cooler than=cool / sharper sharp / cleaner cleaner than=clean
dryer dryer than=dry / closer close noun=closer / slower slow / drawer drawer
glasses glass / sounder sound noun=sounder / fed feed
"""

#: Nouns in `-ing`, unless the context is a verb's; others are nouns only where a noun must be.
_NOUNS_IN_ING = """
accounting advertising awakening backing banding banking bargaining bearing bedding betting
billing binding birding blessing boating bombing bonding booking bookkeeping bottling bowling
boxing brewing briefing broadcasting browsing budgeting building camping carpeting carving
catering ceiling cheerleading christening clearing clipping clothing coaching coating coding
coloring colouring computing conditioning copying counseling counselling craving crossing cycling
dating decking diving dwelling earning editing encoding engineering engraving etching farming
fencing filing filming financing finding fishing fitting flooding flooring flowering footing
forecasting founding funding gambling gaming gardening gathering grading grazing greeting grooming
grouping happening healing hiking hiring housing icing imaging indexing jogging kayaking knitting
landing landscaping learning leasing lettering licensing lighting lining listing lobbying lodging
logging longing manufacturing mapping marketing meaning meeting merchandising messaging mining
misunderstanding modeling modelling monitoring mooring mourning networking nursing offering
opening outing outsourcing packaging painting paneling panelling parenting parking peacekeeping
plating plumbing policing polling posting pricing printing processing programming proofreading
publishing quilting railing ranking rating rationing reasoning reckoning recording recycling
restructuring rigging roofing rowing ruling sailing sampling saving scaffolding scheduling
schooling screening seasoning seating setting sewing shipping shopping showing siding sightseeing
skating skiing skydiving smoking snorkeling snowboarding spacing spelling sprinkling staffing
stockpiling stuffing surfing surroundings sweetening swimming tasting teaching timing trading
trafficking training travelling tubing tutoring typesetting understanding undertaking upbringing
upholstering videoconferencing warning wedding weightlifting welding whaling wiring wording
wrapping wrestling yearning zoning
"""

#: Words in `-ing` that are nouns after a determiner, whatever follows: `the living room`.
_NOUNS_AFTER_DETERMINERS = """
bearing beginning blessing breathing cleaning cooking crying dancing drawing drinking driving eating
ending feeling fighting finding handling hanging hearing heating hunting killing listening living
making meaning mourning posting reading reporting riding rendering running saying serving sharing
sitting smoking speaking spending standing swimming talking testing thinking voting waiting walking
washing watching weighting writing
"""

#: Adjectives in `-ing`.
_ADJECTIVES_IN_ING = """
alarming alluring amazing amusing annoying appalling appealing appetizing astonishing astounding
baffling bewildering boring breathtaking captivating challenging charming comforting compelling
confusing convincing corresponding cunning daring dashing dazzling deafening demanding demeaning
depressing deserving devastating disappointing disarming disconcerting discouraging disgusting
distressing disturbing edifying electrifying embarrassing enchanting encouraging endearing
enduring engrossing enlightening enterprising entertaining enticing exasperating exciting
exhausting exhilarating fascinating flattering forgiving forthcoming frightening frustrating
fucking fulfilling gratifying gripping grueling gruelling harrowing haunting heartbreaking
heartwarming horrifying humbling humiliating illuminating imposing infuriating ingratiating
inspiring insulting interesting intimidating intriguing inviting irritating jarring lasting loving
menacing mesmerizing misleading obliging ongoing outgoing outstanding overwhelming painstaking
patronizing penetrating perplexing pleasing promising puzzling rambling reassuring refreshing
relaxing revealing revolting rewarding riveting satisfying scathing shocking sickening soothing
startling stimulating striking stunning surprising sweeping tempting terrifying thrilling tiring
unassuming unbending underlying undying unending unfailing unflinching unnerving unrelenting
unsettling unwavering unwilling unyielding uplifting upsetting vexing welcoming willing worrying
"""

#: Adjectives in `-ed`, and other participles that are rarely verbs: what people or things are,
#: not what is done to them.
_PARTICIPLES = """
accursed accustomed aforementioned aged amused annoyed antiquated armed ashamed assorted
astonished battered belated beloved bemused bewildered biased bigoted bored complicated
computerised computerized concerned confused congested contented convoluted cramped crowded
cultured deceased dedicated deformed delighted demented depressed deprived deranged detailed
determined devoted diseased disgruntled disgusted disinterested dismayed disorganized dissatisfied
distinguished distraught disturbed educated elated embarrassed embattled enlightened enraged
enthused esteemed excited exhausted experienced fabled famed fascinated fatigued flawed frightened
frustrated gifted glorified gnarled hackneyed haunted hidden horrified impaired impassioned
impoverished impressed inclined indebted infatuated interested intimidated intoxicated intrigued
irritated jaded jagged jeweled limited malnourished mangled misguided motivated muffled obsessed
opinionated outdated outmoded outraged overcrowded overgrown overjoyed overrated oversized
perplexed perverted petrified pleased poised preoccupied privileged puzzled qualified refined
relaxed relieved renowned satisfied saturated scared secluded skilled sophisticated specialised
specialized spirited stilted strained stunned subdued talented tattered tenured terrified textured
thrilled tired traumatized troubled underdeveloped uniformed united unmarried unwed varied versed
weathered wooded worried
"""

#: Verbs that take `of`, so that they are none of the nouns of `the making of`.
VERBS_BEFORE_OF = frozenset(
    "thinking hearing speaking talking dreaming consisting knowing complaining disposing being"
    " tiring running smelling dying approving taking getting coming".split()
)

#: Acronyms that are words in small letters.
_ACRONYMS = """
ads aids am are arms bats bets caps cats cops dads fed feds gaps ids led maps met pans pins sac
sars sat sims taps ted us
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
        found[word] = Readings(default, tuple(tuple(other.split("=")) for other in others))
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
        as_written: tuple[str, ...] = ("degree",)
        if ing:
            as_written = ("nominal", "degree")
            if word in NOUNS_AFTER_DETERMINERS:
                as_written += ("noun",)
            if word not in VERBS_BEFORE_OF:
                as_written += ("of",)
        return Readings(verb, tuple((name, word) for name in as_written), "dictionary", 1.0)
    if ing:
        return Readings(word, (("degree", word), ("noun", word), ("object", verb)))
    return Readings(
        word,
        (
            ("degree", word), ("passive", verb), ("noun", word), ("be", word),
            ("object", verb), ("subject", verb), ("perfect", verb),
        ),
    )  # fmt: skip


NOUNS_IN_ING = frozenset(_NOUNS_IN_ING.split())
NOUNS_AFTER_DETERMINERS = frozenset(_NOUNS_AFTER_DETERMINERS.split())
ADJECTIVES = frozenset((_ADJECTIVES_IN_ING + _PARTICIPLES).split())
ACRONYMS = frozenset(_ACRONYMS.split())
VERBS_IN_UN = frozenset(_VERBS_IN_UN.split())
AMBIGUOUS = _read_ambiguous()
EXCEPTIONS = {form: lemma for form, lemma in _read_forms().items() if form not in AMBIGUOUS}
