"""Lemmas in sentences: what changes, and what is left alone."""

import pytest

from bpe_tool.preprocess.edits import apply_edits
from bpe_tool.preprocess.steps.lemma import Lemmatize, lemmatize

# A sentence a line; what becomes of it after the arrow, or nothing if it stays.
SENTENCES = {
    "fixed phrases and words of degree": """
        at least two
        at the very least -> at the very least
        the least expensive room
        less time and more work
        most of the time
        at best a draw
        the best of friends -> the good of friend
        better late than never -> good late than never
        he can best describe it -> he can well describe it
        as well as us
        the United States of America
        in the United Nations
        the united nations -> the united nations
        The United Kingdom left the union -> The United Kingdom leave the union
        New Orleans and Los Angeles
        it used to rain -> it use to rain
        according to them -> according to they
        during the war
        """,
    "units and times": """
        9 am
        9 am and 5 pm
        at 10:30 am
        it is 7 AM -> it be 7 AM
        I am here -> I be here
        where am I -> where be I
        5 kg and 3 lbs
        200 km per hour
        6 ft tall
        """,
    "acronyms": """
        the AIDS crisis
        AIDS was found in 1981 -> AIDS be find in 1981
        he aids them -> he aid they
        LED lights -> LED light
        they led the way -> they lead the way
        the US and the EU
        let us go
        MIT and NASA
        the SAT scores -> the SAT score
        NASA's plans -> NASA plan
        HTTPS and CSS
        CEOs of NGOs -> CEO of NGO
        all the IDs and URLs -> all the ID and URL
        THEY LED IT -> THEY LEAD IT
        """,
    "names": """
        I like Wings and Kings
        we saw Steve Jobs there -> we see Steve Jobs there
        the Iraqis and the Nazis met -> the Iraqi and the Nazi meet
        read Chapters 3 and 4 of it -> read Chapter 3 and 4 of it
        in Parts II and V -> in Part II and V
        change 20 Days to 10 Days -> change 20 Day to 10 Day
        they saw the Rolling Stones -> they see the Rolling Stones
        a story by Tiger Woods
        Kings Cross is in London -> Kings Cross be in London
        he met James Rivers -> he meet James Rivers
        the Rolling Stones played -> the Rolling Stones play
        she lives in Reading -> she live in Reading
        she works for Building Blocks -> she work for Building Blocks
        the Germans came -> the German come
        many Americans voted -> many American vote
        Democrats and Republicans met on Mondays -> Democrat and Republican meet on Monday
        by Britons for Italians -> by Briton for Italian
        he was born in Paris -> he be bear in Paris
        Mr. Rivers said so -> Mr. Rivers say so
        J. Woods won -> J. Woods win
        Dogs bark -> Dog bark
        It rained. Dogs barked. -> It rain. Dog bark.
        "Dogs bark," he said -> "Dog bark," he say
        How to Train Your Dogs and Cats -> How to Train Your Dog and Cat
        Was Mary there? -> Be Mary there?
        Does Mary know? -> Do Mary know?
        Keith Richards and Cecil Rhodes spoke -> Keith Richards and Cecil Rhodes speak
        Richards sang -> Richards sing
        we met in Hills, Banks and Brooks -> we meet in Hills, Banks and Brooks
        """,
    "case": """
        BOYS -> BOY
        THE BOYS LEFT THE ROOM -> THE BOY LEAVE THE ROOM
        Mice and men -> Mouse and man
        The BOYS laughed -> The BOY laugh
        """,
    "spelling": """
        the neighborhood
        my neighbors -> my neighbor
        my neighbours -> my neighbour
        favorite colors -> favorite color
        favourite colours -> favourite colour
        he traveled -> he travel
        he travelled -> he travel
        they organized and organised it -> they organize and organise it
        she analyzed and analysed it -> she analyze and analyse it
        gray and grey
        grayer and greyer -> gray and grey
        a catalog of catalogues -> a catalog of catalogue
        the programme and the program
        a meager meal
        a somber mood
        the caliber of the defence
        moldy bread
        pajamas
        an axe
        faeces
        a bannister
        """,
    "possessives": """
        the boys' toys -> the boy toy
        the dog's tail -> the dog tail
        the children's books -> the child book
        women's rights -> woman right
        James' book -> James book
        James's book -> James book
        the ’boys’ toys -> the ’boy’ toy
        the 'boys' here -> the 'boy' here
        the boys'. -> the boy'.
        the Beatles' songs -> the Beatles song
        my parents’ house -> my parent house
        it's late
        the wolves' den -> the wolf den
        """,
    "compounds with hyphens": """
        the best-known book
        a well-known fact
        hard-working people
        man-eating lions -> man-eating lion
        ex-wives -> ex-wife
        my mothers-in-law -> my mother-in-law
        passers-by -> passer-by
        follow-ups -> follow-up
        policy-makers -> policy-maker
        they re-opened it -> they re-open it
        the co-founded firm -> the co-found firm
        a ten-year-old
        old-fashioned hats -> old-fashioned hat
        short-lived
        cats/dogs -> cat/dog
        he left--taking his dogs--and called -> he leave--take his dog--and call
        """,
    "words that look like forms": """
        a wicked man
        naked
        the first inning
        a rugged, jagged coast
        sacred and wretched
        hundred
        hatred and kindred
        a wedding in the evening
        the ceiling of the building
        nothing and something
        a string of things -> a string of thing
        spring bring sing
        a need for speed
        the bed, the red sled
        morning, darling
        king and wing
        news of gas and a bus
        a lens
        always perhaps thus
        physics and mathematics
        a series of species
        politics
        the chaos
        diabetes
        a propeller and an eraser
        sibling
        an unmarried, unexplored land
        untold
        she unlocked and unpacked it -> she unlock and unpack it
        """,
    "plurals": """
        trivia
        data and media
        criteria and phenomena -> criterion and phenomenon
        bacteria -> bacterium
        two agendas and operas -> two agenda and opera
        cacti, fungi and nuclei -> cactus, fungus and nucleus
        crises and analyses -> crisis and analysis
        oxen, lice, mice and geese -> ox, louse, mouse and goose
        dice -> die
        wolves, thieves and selves -> wolf, thief and self
        knives on shelves -> knife on shelf
        wives and lives -> wife and life
        heroes and potatoes -> hero and potato
        boxes, buses and glasses -> box, bus and glass
        trousers, scissors, thanks and goods
        clothes
        headquarters
        my children's feet -> my child foot
        curries and monies -> curry and money
        two corpora -> two corpus
        fantasies and maladies -> fantasy and malady
        cookies and movies -> cookie and movie
        troops and good manners -> troops and good manners
        sales rose -> sale rise
        """,
    "words that no dictionary has": """
        docstrings and subcommands -> docstring and subcommand
        lunchboxes, intertextualities, codecs -> lunchbox, intertextuality, codec
        https and axios, adidas and postgres
        the Gelceuticals and GELCEUTICALS
        bronchitis and a virus
        """,
    "verbs": """
        she sang and swam -> she sing and swim
        it was broken -> it be break
        they have gone -> they have go
        he swore and wept -> he swear and weep
        it lay there -> it lay there
        the town lay in ruins -> the town lie in ruin
        they lay it down -> they lay it down
        lay the table
        she outshone them; he partook -> she outshine they; he partake
        we beheld it; they unwound -> we behold it; they unwind
        conned, envying, tarring and evened -> con, envy, tar and even
        he lied -> he lie
        they shone -> they shine
        we froze and shrank -> we freeze and shrink
        stopped, hopped and hoping -> stop, hop and hope
        dying, lying and tying -> die, lie and tie
        panicked and mimicking -> panic and mimic
        he overcame, rewrote and withdrew it -> he overcome, rewrite and withdraw it
        thanked and longed -> thank and long
        drenched and proclaimed -> drench and proclaim
        taught and caught -> teach and catch
        supposed to go -> suppose to go
        we are going to go -> we be go to go
        """,
    "words with several lemmas": """
        he saw the saw -> he see the saw
        that saw nothing -> that see nothing
        she leaves at dawn -> she leave at dawn
        the leaves fall -> the leaf fall
        this leaves us nothing -> this leave us nothing
        turn left at the light
        the train left for home -> the train leave for home
        he left -> he leave
        on the left
        we found gold -> we find gold
        coffee ground by hand
        they have ground it -> they have grind it
        the ground shook -> the ground shake
        she felt cold -> she feel cold
        a hat of felt
        a rose
        prices rose to ten -> price rise to ten
        the wound
        they wound up here -> they wind up here
        a bear bore it -> a bear bear it
        he spoke -> he speak
        a spoke of the wheel
        I thought so -> I think so
        a school of thought
        what it means -> what it mean
        this means war -> this mean war
        a means of escape
        by no means
        she lives here -> she live here
        our lives matter -> our life matter
        one guy lives in town -> one guy live in town
        prices rose. -> price rise.
        red rose petals -> red rose petal
        nothing was left -> nothing be leave
        from left to right
        she has drunk it -> she have drink it
        he was drunk -> he be drunk
        all that remains is dust -> all that remain be dust
        the remains of the day
        kind regards
        bound to happen
        they are bound by law -> they be bind by law
        """,
    "words in -ing": """
        the building is old -> the building be old
        they are building a wall -> they be build a wall
        building the wall -> build the wall
        a meeting at noon
        we are meeting them -> we be meet they
        nice meeting you -> nice meet you
        she was reading a book -> she be read a book
        the reading of the will
        the making of a film
        by making films -> by make film
        without reading it -> without read it
        a feeling of dread
        he is feeling better -> he be feel good
        human beings -> human being
        being late -> be late
        for training and funding
        she keeps training -> she keep train
        the living room
        people living there -> people live there
        the following day -> the follow day
        an interesting story
        a very interesting and surprising tale
        it is amazing -> it be amazing
        that is annoying me -> that be annoy me
        willing to help
        thinking of you -> think of you
        he stopped smoking -> he stop smoke
        shopping and parking
        the dining room and baking soda
        global warming
        a recruiting drive
        they are demanding more -> they be demand more
        it was troubling -> it be troubling
        the opening of the door
        opening the door -> open the door
        within walking distance
        the US voting machines -> the US voting machine
        she is walking home -> she be walk home
        it is gone, meaning that we wait -> it be gone, mean that we wait
        the meaning of it
        """,
    "words in -ves": """
        we had shelves of books -> we have shelf of book
        two halves are there -> two half be there
        she halves the cake -> she halve the cake
        he shelves it -> he shelve it
        """,
    "words in -ed": """
        I am interested -> I be interested
        very complicated and sophisticated
        a talented, experienced team
        we have limited time
        it was limited by law -> it be limit by law
        our time is limited to an hour -> our time be limit to an hour
        we got involved late -> we get involved late
        it involved us -> it involve us
        they got lost -> they get lost
        they lost it -> they lose it
        so tell me when you're done. -> so tell me when you're done.
        it was done by noon -> it be do by noon
        I'm finished!
        a devoted fan
        he devoted a year to it -> he devote a year to it
        the most visited city -> the most visit city
        a very determined man
        he limited it -> he limit it
        they seem tired -> they seem tired
        he tired me -> he tire me
        the hidden door
        they have hidden it -> they have hide it
        I was excited and embarrassed -> I be excited and embarrassed
        it excited us -> it excite us
        the door was painted red -> the door be paint red
        the attached file -> the attach file
        a more focused plan
        too dated
        the aged man
        worried parents -> worried parent
        the news worried him -> the news worry him
        born in May -> bear in May
        a born leader
        the related topic
        he is married and she is gone -> he be married and she be gone
        they married in May -> they marry in May
        we are stuck -> we be stuck
        they stuck to it -> they stick to it
        """,
    "comparison": """
        bigger, biggest and larger -> big, big and large
        happier than us -> happy than us
        worse and worst -> bad and bad
        lighter than air -> light than air
        a lighter
        a stranger came -> a stranger come
        stranger than fiction -> strange than fiction
        to better oneself
        better known than liked -> well know than like
        it works best at night -> it work well at night
        you better go -> you well go
        they understand it better than us -> they understand it well than us
        which one suits you best -> which one suit you well
        they liked the old rooms better. -> they like the old room well.
        it is getting better. -> it be get good.
        this one looks better than that -> this one look good than that
        a better known writer -> a well know writer
        the upper and the inner
        a former leader
        the drawer
        farther -> far
        the outmost island
        dumber -> dumb
        """,
}
CASES = [
    (kind, *(part.strip() for part in line.split("->")))
    for kind, lines in SENTENCES.items()
    for line in lines.strip().splitlines()
]


def test_there_are_enough():
    assert len(CASES) > 250


@pytest.mark.parametrize("kind", SENTENCES)
def test_sentences(kind):
    wrong = []
    for case_kind, text, *rest in CASES:
        if case_kind == kind:
            expected = rest[0] if rest else text
            if lemmatize(text) != expected:
                wrong.append((text, expected, lemmatize(text)))
    assert not wrong


def test_edits_give_the_sentences():
    step = Lemmatize()
    for _, text, *_ in CASES:
        assert apply_edits(text, step.edits(text)) == step.apply(text)
