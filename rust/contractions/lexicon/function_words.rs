//! Marks, pronouns, determiners, hosts of clitics, prepositions, conjunctions, adverbs.

use super::Class;

words! {
    after 0;

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
}
