//! Verbs: auxiliaries, infinitives, participles, and what may follow them.

use super::Class;

words! {
    after super::function_words::WORDS.len();

    /// Participles that differ from the infinitive and do not follow the rule for -ed. All but
    /// this one are in the table of irregular verbs.
    IRREGULAR_PARTICIPLES = "been";
    /// Words in -ed that are no participles.
    NOT_PARTICIPLES = "
        need feed bleed breed exceed proceed succeed speed heed embed wed shed shred weed
        seed bed red indeed hundred naked wicked sacred greed creed deed steed reed sled ted
        fred ned moped biped hatred kindred rugged ragged wretched crooked beloved misdeed
        infrared overfeed breastfeed impede supersede kneed reseed med fed led bred fled
        sped bled seabed watershed united mohammed mohamed ahmed hamed aforementioned
    ";
    /// Participles that are spelled like the infinitive: put, come. All from the table.
    SAME_PARTICIPLES = "";
    /// Simple pasts that are no participles: went, took. After 'd, people write them for the
    /// participle. The rest is in the table.
    PAST_ONLY = "was were";
    /// Participles that say what something is like, or how somebody feels, far more often than
    /// what was done; "he's worried the dog will bite" has no object.
    STATES = "
        worried convinced pleased scared concerned excited surprised amazed tired bored
        interested annoyed confused depressed disappointed embarrassed frightened frustrated
        married engaged divorced relieved satisfied shocked terrified thrilled upset ashamed
        prepared determined committed dedicated devoted involved supposed meant bound
        obsessed impressed inclined delighted disgusted exhausted fascinated horrified
        overwhelmed puzzled stunned touched troubled unconcerned alarmed amused astonished
        blessed cursed doomed gifted talented retired qualified experienced educated dressed
        located situated based crowded complicated limited related sophisticated unexpected
        undisputed unknown accustomed addicted allergic drunk stuck used gutted knackered
        broke hooked stressed psyched biased skilled jaded aware distinguished old-fashioned
        so-called good-looking well-known named called entitled titled dubbed labelled
        labeled nicknamed considered deemed rated termed worth
    ";
    /// Of these, how somebody feels about what happens: a clause may follow.
    FEELINGS = "
        worried convinced pleased scared concerned excited surprised amazed annoyed
        disappointed embarrassed frightened frustrated relieved satisfied shocked terrified
        thrilled upset ashamed determined impressed delighted disgusted horrified puzzled
        stunned touched troubled alarmed amused astonished aware confused depressed
    ";
    /// Of these, verbs whose passive is followed by a name: "she's called Max".
    NAMED = "
        named called entitled titled dubbed labelled labeled nicknamed considered deemed
        rated termed christened branded
    ";
    /// Participles before "that" and a clause.
    REPORTED = "
        said known thought believed decided found shown heard learned learnt seen noticed
        agreed hoped argued claimed promised suggested realised realized written told proved
        proven understood felt meant admitted announced reported stated denied confirmed
        explained warned insisted assumed expected feared forgotten dreamt sworn discovered undisputed
    ";
    /// Participles that are no simple pasts either: gone, taken. The rest is in the table.
    PURE_PARTICIPLES = "been become come";
    /// Verbs without an object, or so often used without one that "has" is likelier than "is".
    INTRANSITIVE = "
        become come happened occurred arrived appeared disappeared vanished emerged existed
        died lived worked stayed remained slept sat stood risen arisen fallen grown begun
        started returned departed escaped fled survived travelled traveled walked ran run
        swum flown laughed cried smiled shouted screamed wept dreamt talked spoken waited
        listened looked agreed disagreed decided refused tried failed succeeded struggled
        managed attempted continued ceased stopped changed increased decreased declined
        dropped improved worsened deteriorated doubled tripled evolved progressed developed
        collapsed crashed melted lasted belonged rained snowed matured aged recovered
        relapsed battled fought gained gotten seemed tended turned moved passed participated
        performed played served studied graduated resigned volunteered competed campaigned
        apologized apologised complained responded reacted replied answered admitted
        promised insisted claimed argued suggested forgotten vowed hoped wanted wished
        needed liked loved hated preferred enjoyed cared believed guessed wondered thought
        said learned learnt noticed realized realised ended resulted contributed helped sunk
        shrunk sprung switched joined earned mattered cost consisted laboured experimented
        ventured strayed sneezed coughed yawned blossomed bloomed flourished thrived fainted
        hesitated won eaten left scored confessed phoned telephoned lied cheated voted proposed
        prayed jumped climbed bowed nodded knelt leapt crept shouted landed applied emigrated
        testified protested marched hurried rushed sailed danced
    ";
    /// Of these, those that are also often passive: without an object and a person as subject,
    /// or with a thing as subject, "is" is likelier.
    PERSON_ONLY = "
        said thought believed loved liked hated preferred needed wanted wished hoped
        admitted claimed argued suggested noticed realized realised learned learnt forgotten
        answered promised played performed studied served developed enjoyed earned joined
        ended helped walked flown run moved decided agreed turned passed spoken left
        switched tried dropped refused managed lost won eaten scored confessed phoned
        telephoned proposed climbed
    ";
    /// Verbs whose infinitive complement belongs to a person's own act: "she's decided to go".
    DECIDES = "
        decided agreed managed tried failed refused promised learned learnt chosen begun
        started continued threatened offered attempted vowed opted wanted hoped come ceased
        volunteered pledged sworn forgotten neglected needed elected grown got gotten had
    ";
    /// Verbs with two objects: the passive keeps one ("it's given a name").
    TWO_OBJECTS = "
        given offered granted awarded denied allowed charged paid asked assigned
    ";
    /// What one has done, said, seen: verbs that lose their object in relative clauses.
    GAP_VERBS = "
        done said seen made written given told taken learned learnt heard found brought lost
        built bought created accomplished achieved experienced become left chosen been got
        won read discovered decided asked eaten met suffered gained started promised planned
        put
    ";
    /// Verbs that take a bare noun as their object, and are seldom passive before one.
    BARE_OBJECT = "
        won lost earned spent eaten seen heard taken met bought made gained received caught
        drunk sold written played brought shown said found built caused done
    ";
    /// What makes a phrasal verb.
    PARTICLES = "
        up out off on down away over back in through along around by together ahead
    ";
    /// Verbs of motion and phase with a particle and no object: "she's moved on".
    PHRASALS = "
        given grown shown woken turned ended signed caught moved run worked passed checked
        set taken gone come sat stood settled slowed sped calmed cheered died worn logged
        dropped backed broken blown fallen stepped walked stayed hung pulled burnt found made
        figured
    ";
    /// -ing forms that are hardly ever nouns or adjectives before a noun.
    PURE_ING = "
        going coming being doing having getting trying looking saying waiting sitting
        standing talking telling asking making taking wearing leaving crying sleeping
        becoming starting giving putting letting keeping seeing hoping expecting planning
        wondering watching bringing sending showing holding carrying paying losing winning
        happening causing eating laughing smiling lying dying staying joking kidding
        listening using calling heading turning moving running playing working feeling
        thinking driving walking acting ringing raining snowing shining barking boiling
        burning bleeding freezing sinking rising falling growing shaking missing begging
        pretending complaining refusing struggling suffering improving visiting arriving
        returning flying selling buying helping singing dancing cooking reading writing
        studying teaching learning living drinking hiding fighting screaming shouting
        yelling snoring sneezing coughing knocking blowing
    ";
    /// Of these, those that also stand before nouns or are nouns: only before clear objects, or
    /// where the clause needs a verb.
    NOUN_ING = "
        feeling thinking driving walking acting running playing working turning moving
        missing flying winning losing living learning teaching writing reading studying
        singing dancing cooking drinking fighting shining burning boiling growing rising
        falling sinking selling buying helping calling heading planning dying crying
        suffering showing holding standing starting talking visiting complaining screaming
        shouting shaking barking ringing saying being eating sleeping laughing smiling
        taking making coming becoming bleeding freezing struggling hiding hoping watching
        opening
    ";
    /// -ing forms that are nouns, also where a clause ends.
    NOMINAL_ING = "
        building meeting wedding painting drawing ceiling evening morning clothing housing
        funding spring string ring king wing thing swing sting training offering opening
        beginning ending understanding standing rating ranking hearing heading earring
        darling offspring sibling wellbeing well-being upbringing being undoing doing
        warning blessing setting recording greeting gathering finding ruling lightning
        pudding stuffing seasoning savings earnings belonging belongings surroundings
        handwriting bearing calling cooking singing reading writing teaching thinking living
        suffering outing pricing marketing bidding filling wiring plumbing lighting parking
        shopping banking engineering accounting listing posting billing making following
        viking sterling duckling dumpling stocking inkling gosling yearling
    ";
    AUXILIARIES = "
        am is are was were be been being has have had do does did will would shall should
        can could may might must ought cannot
    ";
    /// Infinitives that follow a subject in questions and after 'd.
    BASES = "
        be have do go get make know think take see come want look use find give tell work
        call try ask need feel become leave put mean keep let begin help talk turn start
        show hear play run move like live believe hold bring happen write provide sit stand
        lose pay meet include continue set learn change lead understand watch follow stop
        create speak read allow add spend grow open walk win offer remember love consider
        appear buy wait serve die send expect build stay fall cut reach kill remain suggest
        raise pass sell require report decide pull care say prefer hate enjoy miss choose
        sleep eat drink drive fly sing dance swim ride rise wear throw catch teach fight
        forget wish hope agree finish return seem sound smell taste cost fit matter bite
        hurt break join worry mind wonder realize realise notice study travel visit wake
        wash cook clean laugh cry smile shout explain answer arrive save end belong exist
        deserve imagine manage recommend suppose argue bother dare touch prove weigh measure
        involve contain cover depend imply indicate represent
    ";
    /// Verbs that have an object and never a clause. Their irregular pasts and participles are
    /// added from the table.
    TRANSITIVE = "
        abandon achieve attack break build buy carry catch change choose close control cover
        create cut damage defend destroy develop display drag drop earn enhance enjoy enter
        expand express extend fill follow gain give has have hide improve increase join keep
        kill launch leave lift lose lower maintain make move open own pass pay pick place
        protect pull push put raise reach receive reduce release remove replace resume retain
        run sell send serve share shut solve spend spread start stop strengthen support take
        throw touch turn use visit weaken wear
    ";
}
