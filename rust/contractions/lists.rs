//! The words that the rules know, by class. All are in lower case, their apostrophes straight.
//!
//! A word may be in many classes. Every class is one bit of a [`Class`].

/// A set of classes.
pub type Class = u64;

/// Makes a constant of every class, and `LISTS` of them all.
macro_rules! lists {
    ($($(#[$doc:meta])* $name:ident = $words:literal;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Bit {
            $($name),*
        }

        $($(#[$doc])* pub const $name: Class = 1 << Bit::$name as u32;)*

        /// The words of every class, parted by white space.
        pub const LISTS: &[(Class, &str)] = &[$(($name, $words)),*];
    };
}

lists! {
    // Marks.

    /// Tokens after which nothing belongs to the clause.
    STOPS = ". ! ? ; : …";
    /// With [`STOPS`], tokens that part clauses or phrases.
    OTHER_BREAKS = ", – — -- - ) /";

    // Pronouns and determiners.

    SUBJECTS = "i you he she it we they";
    OBJECTS = "
        me you him her it us them myself yourself himself herself itself ourselves
        yourselves themselves
    ";
    ARTICLES = "a an the";
    POSSESSIVES = "my your his her its our their whose yo";
    DEMONSTRATIVES = "this that these those";
    OTHER_DETERMINERS = "some any no every each another";
    NUMBERS = "
        one two three four five six seven eight nine ten eleven twelve twenty thirty forty
        fifty hundred hundreds thousands millions dozens
    ";
    /// What else begins an object after a verb. No `this`, `that`, `all`, `each`, `every`:
    /// these also begin clauses and times ("it's closed all day").
    OTHER_OBJECT_STARTS = "
        some any no these those another something anything nothing everything someone anyone
        everyone somebody anybody everybody nobody many several numerous countless plenty
        lots enough
    ";
    /// Pronouns that end in a noun: they have a possessive too.
    INDEFINITES = "
        everyone everybody everything someone somebody something anyone anybody anything
        nobody nothing noone
    ";

    // Hosts.

    /// Hosts that are never possessive.
    PURE_HOSTS = "
        it he she that there here what who where when why how this which whatever whoever
        wherever whichever however mine yours hers ours theirs all so then now these those
        they we you
    ";
    WH_HOSTS = "what who where when why how";
    ANIMATE_HOSTS = "he she who whoever everyone everybody someone somebody anyone nobody";
    /// Hosts of 'd: after them, a verb has begun for sure.
    D_HOSTS = "
        i you he she it we they ye who that there this these those what where when why how
        which everyone everybody everything someone somebody something anyone anybody
        anything nobody nothing whoever whatever y'all ya'll
    ";
    /// Hosts of 're and 've.
    PLURAL_HOSTS = "
        you we they who what where how why when there here these those that which ye y'all ya'll
        yous youse all some both people men women children folks kids guys
    ";
    /// Hosts of 've only.
    MODALS = "could would should might must may shall will can need ought to not";
    /// Hosts that a hyphen before them does not tie to the word before it.
    SELF_STANDING = "i you he she it we they that there here who what where how let";

    // Function words.

    PREPOSITIONS = "
        about above across after against along among around as at before behind below
        beneath beside besides between beyond by despite down during except for from in
        inside into like near off on onto out outside over past since through throughout
        till to toward towards under until unto up upon via with within without of than per
    ";
    /// Conjunctions after which a clause begins, with its subject.
    OPENING_CONJUNCTIONS = "
        and but nor so because although though while whereas when whenever where wherever if
        unless until till since before after as once that lest cause
    ";
    OTHER_CONJUNCTIONS = "or yet than";
    /// What else stands before the subject of a clause.
    OTHER_OPENERS = "
        think thinks thought know knows knew hope hopes guess say says said swear bet
        suppose believe feel mean means wish heard hear see sure afraid glad sorry happy
        claim claims claimed figure figures reckon reckons insist insists wonder wonders
        maybe perhaps well yes no oh ah hey ok okay now then today why how what where
        whether
    ";
    NEGATIONS = "not never neither nor";
    DEGREES = "much so very too quite rather more most less as pretty well extremely how";
    /// Adverbs that stand between an auxiliary and its verb, those in -ly apart.
    IRREGULAR_ADVERBS = "
        not never ever always already also just still even only almost nearly actually
        really certainly definitely probably possibly surely simply clearly obviously
        apparently basically literally seriously honestly finally recently lately usually
        often sometimes rarely seldom hardly barely scarcely soon since long once twice
        perhaps maybe indeed instead otherwise therefore thus hence yet again now then here
        there all both each kinda sorta somehow somewhat too so very quite rather pretty
        more most much far well himself herself itself myself yourself themselves ourselves
        nevertheless however meanwhile
    ";
    /// Words that end like adverbs and are none.
    LY_ADJECTIVES = "
        tight rough scarce slippery steep thick soft rotten early likely unlikely friendly
        lovely lonely elderly ugly silly holy deadly costly daily weekly monthly yearly
        family reply supply apply rely fly july italy ally bully belly jelly homely lively
        orderly cowardly bodily worldly multiply imply comply assembly anomaly monopoly
        butterfly curly jolly chilly hilly smelly oily wooly woolly ghastly unfriendly
    ";
    PERFECT_ADVERBS = "recently lately finally since previously already long once twice";
    /// Words that say when; after them nothing of the noun phrase can follow.
    TIMES = "
        everywhere anywhere nowhere somewhere forever together alone today tomorrow
        yesterday tonight now then soon later already again anyway anymore right here there
        too though either enough indeed
    ";

    // Verbs.

    /// Participles that differ from the infinitive, in -ed left out.
    IRREGULAR_PARTICIPLES = "
        been done gone had got gotten seen taken given made known thought found told left
        felt kept held brought written begun shown heard met paid sat spoken said stood lost
        fallen sent built understood drawn broken spent grown sold won taught caught
        forgotten bought fought chosen driven eaten flown drunk sung rung sunk swum worn
        torn born borne sworn stolen frozen woken awoken hidden ridden risen arisen shaken
        mistaken forgiven forbidden beaten bitten blown thrown overthrown withdrawn
        undergone undone redone outdone overdone led fed fled bled bred sped dealt dreamt
        leapt meant slept swept wept crept lent bent burnt learnt spelt spilt spoilt smelt
        knelt leant rebuilt hung stuck struck stung swung spun dug clung flung slung wrung
        shrunk sprung stunk sought laid lain slain shot sewn sown shod shorn sawn mown
        proven swollen trodden woven bound wound lit slid spat stridden striven strewn
        thriven withheld upheld withstood misunderstood undertaken overtaken foreseen
        overseen overheard foretold retold resold rewritten outgrown befallen slunk strung
    ";
    /// Words in -ed that are no participles.
    NOT_PARTICIPLES = "
        need feed bleed breed exceed proceed succeed speed heed embed wed shed shred weed
        seed bed red indeed hundred naked wicked sacred greed creed deed steed reed sled ted
        fred ned moped biped hatred kindred rugged ragged wretched crooked beloved misdeed
        infrared overfeed breastfeed impede supersede kneed reseed med fed led bred fled
        sped bled seabed watershed united mohammed mohamed ahmed hamed aforementioned
    ";
    /// Participles that look like the infinitive.
    SAME_PARTICIPLES = "
        put set cut hit let read hurt cost shut quit split spread bet burst cast broadcast
        overcome become come run overrun upset forecast wet rid thrust reset knit
    ";
    /// Simple pasts that are no participles. After 'd, people write them for the participle.
    PAST_ONLY = "
        went saw took gave knew began spoke fell drew broke grew forgot chose drove ate flew
        drank sang swam wore tore swore stole froze woke rode rose arose shook forgave threw
        blew was were did came became ran wrote
    ";
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
    /// Participles that differ from the simple past, too.
    PURE_PARTICIPLES = "
        been done gone gotten seen taken given known written begun shown spoken fallen drawn
        broken grown forgotten chosen driven eaten flown drunk sung rung sunk swum worn torn
        born borne sworn stolen frozen woken awoken hidden ridden risen arisen shaken
        mistaken forgiven forbidden beaten bitten blown thrown overthrown withdrawn undergone
        undone redone outdone overdone come become shrunk sprung stunk sewn sown proven
        swollen trodden undertaken overtaken foreseen overseen rewritten outgrown
    ";
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

    // Nouns and adjectives.

    /// Nouns whose possessive is a place: "the baker's on the corner".
    SHOPS = "
        baker butcher grocer doctor dentist barber chemist hairdresser jeweller newsagent
        florist optician vet tailor stationer fishmonger greengrocer men women ladies king
        queen saint lord
    ";
    /// Firms, and diseases, whose names end in 's. Those that are common forenames as well are left out.
    FIRMS = "
        sotheby christie bonham domino wendy denny mcdonald macy kohl dillard lowe levi lloyd
        moody kellogg applebee hardee arby popeye culver wegman albertson sainsbury harrod
        selfridge debenham woolworth wetherspoon nando cadbury bloomingdale barney tiffany
        hershey dunkin bojangle shoney bennigan hellmann reese smucker welch kinko zaxby
        waterstone foyle hamley ladbroke zale fortnum schlotzsky peet jerry
        alzheimer parkinson crohn hodgkin huntington asperger tourette hashimoto raynaud
    ";
    /// Words before a name that belong to it, titles written short among them.
    TITLES = "
        mr mrs ms dr prof rev hon sr jr capt col gen sgt miss mister madam sir lord lady uncle
        aunt auntie father mother brother sister cousin captain doctor judge sheriff professor
        old young little poor dear good big
    ";
    /// Nouns of time: before them `every`, `each` and `this` begin no object.
    TIME_NOUNS = "
        year years week weeks month months day days morning evening night afternoon weekend
        time times way minute hour season spring summer autumn fall winter decade century
        second few monday tuesday wednesday thursday friday saturday sunday january february
        march april may june july august september october november december moment quarter
        other one
    ";
    WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday";
    /// Nouns that name a relation or a household: "Mum's in the garden" is about her.
    PEOPLE = "
        mom mum mommy mummy mamma mama ma mother dad daddy papa pa pop father kid grandma
        grandpa granny nana gran brother
        sister son daughter wife husband uncle aunt auntie cousin boss teacher doctor baby
        dog cat dinner lunch breakfast supper tea coffee friend girl boy man woman lady guy
        fellow chap neighbour neighbor landlord king queen mayor judge captain chief coach cook
        driver nurse lawyer waiter manager student clerk
    ";
    /// Adjectives that are not nouns: at the end of a clause they are what the subject is.
    ADJECTIVES = "
        ready late early tired hungry thirsty sick ill busy afraid sorry sure glad alive
        asleep awake alone able unable aware unaware available happy unhappy sad angry mad
        wrong fine okay ok dead gone done over nice great good bad terrible awful horrible
        wonderful amazing fantastic excellent perfect beautiful lovely gorgeous pretty ugly
        cute funny weird strange odd silly stupid smart clever dumb crazy boring exciting
        interesting annoying important necessary possible impossible likely unlikely true
        false real fake easy hard difficult simple tough cheap expensive free full empty
        open closed hot cold warm cool wet dry dirty clean fresh big small huge tiny tall
        short long large little old young new loud quiet fast slow quick rich poor strong
        weak heavy light dark bright sharp dull safe dangerous nervous scared worried upset
        excited bored drunk sober serious famous popular special different same similar
        better worse best worst broken stuck lost missing absent present pregnant married
        single jealous proud lucky unlucky friendly rude polite kind mean nasty careful
        careless delicious tasty awesome brilliant cruel fair unfair close near far away
        back home due welcome worth obvious clear certain useless useful helpful hopeless
        guilty innocent responsible ridiculous hilarious stubborn lazy generous honest calm
        fond keen contagious right upstairs downstairs abroad overseas indoors outdoors flat
        blind deaf bald naked precious priceless finished blue red green grey gray black white
        yellow purple pink brown stiff thick thin wide narrow deep shallow high low sweet sour
        bitter bland rotten ripe raw fat lean plain bare steep smooth rough tight loose sore
        numb dizzy faint silent noisy gloomy sunny rainy windy cloudy foggy stormy muddy dusty
        slippery sticky sleepy thorough brave bold shy humble harmless jammed crammed
        unbelievable incredible marvellous marvelous miserable frantic furious livid desperate
        anxious eager willing unwilling shut hurt grateful thankful hoarse pale handy grand
        swell tremendous
    ";
    /// Of these, those that may also head a noun phrase after a possessive.
    NOUN_ADJECTIVES = "
        good bad best worst better present poor rich old young new cold light dark home back
        single mean kind special dead past real true fair free open dry wet fine long short
        close full same welcome little hard safe easy over likely early late far away cool
        heavy sharp quiet calm right upstairs downstairs overseas outside inside flat blind
        deaf hopeless famous missing due mad clean blue red green grey gray black white yellow
        purple pink brown high low sweet bitter raw fat lean plain bare smooth rough tight
        thick thin wide narrow deep grand brave bold humble
    ";
    /// Adjectives that stand before their nouns only.
    ATTRIBUTIVE = "
        own former main sole entire current previous original latter mere
    ";
    /// Things that somebody or something has, and that nobody is. Without an article they
    /// follow "its" and "whose", and no verb.
    OWNED = "
        name names way place toll purpose course day origins roots mouth head eyes eye ears
        nose face teeth feet foot hand hands arm arms leg legs tail wings heart mind body
        voice skin hair owner owners leader leaders members users customers employees
        color colour shape size weight length height width value price prices position
        status reputation image promise promises products services website logo rules laws
        contents features functions function job house car phone address account credibility
        goal goals aim aims borders walls doors gates edge edges sides surface policy
        policies parents children kids wife husband mother father history reign
    ";
    /// Things that can be counted, so that one of them is not named without an article: "it is
    /// mobile website" is no sentence.
    COUNTED = "
        app album almanac archive atlas brochure catalogue catalog dictionary edition
        encyclopedia glossary handbook homepage journal logo magazine manual museum
        newsletter newspaper observatory orchestra podcast portal predecessor sequel shop
        store subsidiary successor theatre theater tower website wiki
    ";
    /// What happens to a thing once: "since it's creation".
    EVENTS = "
        abolition acquisition adoption beginning beginnings birth closure collapse completion
        construction creation death debut defeat demolition discovery establishment expansion
        formation foundation founding inception independence introduction invention launch
        loss opening publication purchase release removal renovation repair restoration
        revival sale
    ";
    /// Verbs that have an object and never a clause, and such pasts of theirs as are not in
    /// -ed.
    TRANSITIVE = "
        abandon achieve attack break build buy carry catch change choose close control cover
        create cut damage defend destroy develop display drag drop earn enhance enjoy enter
        expand express extend fill follow gain give has have had hide improve increase join
        keep kill launch leave lift lose lower maintain make move open own pass pay pick
        place protect pull push put raise reach receive reduce release remove replace resume
        retain run sell send serve share shut solve spend spread start stop strengthen
        support take throw touch turn use visit weaken wear
        broke broken built bought caught chose chosen gave given hid hidden kept left lost
        made paid ran sold sent spent took taken threw thrown wore
    ";
}
