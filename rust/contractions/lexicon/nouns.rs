//! Nouns and adjectives.

use super::Class;

words! {
    after super::function_words::WORDS.len() + super::verbs::WORDS.len();

    /// Nouns whose possessive is a place: "the baker's on the corner".
    SHOPS = "
        baker butcher grocer doctor dentist barber chemist hairdresser jeweller newsagent
        florist optician vet tailor stationer fishmonger greengrocer men women ladies king
        queen saint lord
    ";
    /// Firms, and diseases, whose names end in 's. Those that are common forenames as well are
    /// left out.
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
}
