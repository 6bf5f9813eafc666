"""The words of the demo's mails: people, conversations, single mails, and those that come again and again."""

# ruff: noqa: E501 - mails are easier to read in one piece

from __future__ import annotations

from bridge_gui.demo.records import Person

BO = Person("Bo Nakamura", "bo@bridge.example")
CARLA = Person("Carla Mendes", "carla@outside.example")
DIETER = Person("Dieter Vogt", "dieter@wkd.example")
ERIN = Person("Erin O'Shea", "erin@wkd.example")
MOTHER = Person("Märta Lindqvist", "marta@fjord.example")
SOREN = Person("Søren Ælgård", "soren@boatyard.example")
YUKI = Person("佐藤 ゆき", "yuki.sato@studio.example")
PAOLA = Person("Paola Ferrari", "paola@harbourhouse.example")
OLEG = Person("Олег Петров", "oleg@archive.example")
LEILA = Person("Leïla Benali", "leila@theatre.example")
CHOIR = Person("Harbour Choir", "choir@lists.harbour.example")
LIBRARY = Person("City Library", "notices@library.example")
FERRY = Person("The Morning Ferry", "editor@morningferry.example")
ENERGY = Person("Nordlys Energi", "faktura@nordlys.example")
BANK = Person("Kystbanken", "no-reply@kystbanken.example")
SHOP = Person("Paper & Ink", "orders@paperink.example")
PARCEL = Person("Postkompaniet", "track@postkompaniet.example")
RAIL = Person("Coast Rail", "tickets@coastrail.example")
BACKUP = Person("backup@attic", "backup@attic.example")
MUSEUM = Person("Maritime Museum", "members@maritime.example")

ME = "me"

Turn = tuple[Person | str, str]
"""Who writes (`ME` for the owner) and what."""

CONVERSATIONS: tuple[tuple[str, float, str, tuple[str, ...], tuple[Turn, ...]], ...] = (
    (
        "The boat needs a name before Saturday", 2.2, "0", ("Family",),
        (
            (SOREN, "Hi Anna,\n\nthe paint is dry and the hull looks better than I hoped. One thing is missing: the name. "
                    "The sign painter comes on Saturday at ten, and he charges by the hour even when he only looks at the sea.\n\n"
                    "Shall we stay with \"Tärnan\"?\n\nSøren"),
            (ME, "Tärnan it is. Mother wanted it all along, and she is usually right about birds.\n\n"
                 "Can he do the letters in the old blue?\n\nAnna"),
            (SOREN, "He can. He asks for a sample, so I scraped some off the old tiller. Do not tell anyone.\n\nSøren"),
            (ME, "My lips are sealed. I bring coffee on Saturday, and cinnamon buns if the oven behaves."),
        ),
    ),
    (
        "Harbour house: floor plan, second round", 4.1, "Projects/Harbour house", ("Important",),
        (
            (PAOLA, "Dear Anna,\n\nthe architect moved the stairs to the north wall, as you asked. That gives the kitchen its "
                    "morning light, but the pantry shrinks by forty centimetres. I enclose the drawing.\n\n"
                    "Could you tell me by Wednesday whether that is fine?\n\nBest,\nPaola"),
            (ME, "Dear Paola,\n\nlight beats jam. Please go ahead, but keep the small window in the pantry.\n\nAnna"),
            (PAOLA, "The window stays. The revised plan goes to the city on Monday; they answer within three weeks, "
                    "or so they say.\n\nPaola"),
        ),
    ),
    (
        "Choir weekend: who sleeps where", 6.5, "0", (),
        (
            (LEILA, "Chers amis,\n\nthe hostel has four rooms for us: two with a view of the sea, one with a view of the "
                    "car park, and one with Henrik's snoring. First come, first served.\n\nLeïla"),
            (BO, "Car park for me, I bring ear plugs and good humour.\n\nBo"),
            (ME, "Sea view, please. I can take the upper bed.\n\nAnna"),
            (LEILA, "Noted! And thank you both for being so easy. The basses have already asked for a spreadsheet.\n\nLeïla"),
        ),
    ),
    (
        "Photographs for the exhibition", 9.3, "0", ("To read",),
        (
            (YUKI, "アンナさん\n\nお世話になっております。展示会の写真の件でご連絡いたしました。"
                   "先日お送りした十二枚のうち、港の朝の写真を大きく印刷したいと思います。\n\nご意見をお聞かせください。\n\n佐藤"),
            (ME, "佐藤さん\n\nありがとうございます。港の朝の写真、大賛成です。印刷は無光沢紙でお願いできますか。\n\nアンナ"),
            (YUKI, "承知いたしました。無光沢紙で進めます。来週、見本をお送りします。\n\n佐藤"),
        ),
    ),
    (
        "Kan du ta med krukorna?", 11.0, "0", ("Family",),
        (
            (MOTHER, "Hej gumman,\n\nnär du kommer på söndag, kan du ta med de gröna krukorna från balkongen? Pelargonerna "
                     "behöver mer plats, och jag har köpt jord för en hel trädgård.\n\nKram, mamma"),
            (ME, "Hej mamma,\n\nkrukorna är redan i bilen. Jag tar tåget hem på kvällen, så räkna med mig till kaffet.\n\nAnna"),
        ),
    ),
    (
        "Key signing after the lecture", 13.4, "0", (),
        (
            (DIETER, "Hello Anna,\n\nI enjoyed your talk. As promised, my fingerprint on paper, and this mail encrypted so that "
                     "you can see it works. The address finds its key by itself these days.\n\nGreetings from Kiel\nDieter"),
            (ME, "Hello Dieter,\n\nit arrived and opened at once. I have signed your key and pinned it to the contact.\n\nAnna"),
        ),
    ),
    (
        "Опись архива порта", 17.8, "Projects", ("To read",),
        (
            (OLEG, "Здравствуйте, Анна!\n\nНашёл в архиве судовые журналы за 1912–1914 годы. Бумага в хорошем состоянии, "
                   "чернила местами выцвели. Сделать для вас копии?\n\nС уважением,\nОлег"),
            (ME, "Здравствуйте, Олег!\n\nДа, пожалуйста, копии были бы очень кстати, особенно за лето 1913 года.\n\nАнна"),
        ),
    ),
    (
        "Lisbon in March", 21.6, "Travel/2026/Lisbon", ("Family",),
        (
            (CARLA, "Anna!\n\nMy sister has a flat near the Jardim da Estrela that stands empty in March. Two weeks, "
                    "a balcony, and a lift that works on most days. Say yes.\n\nBeijinhos,\nCarla"),
            (ME, "Yes! Two weeks from the 9th would be perfect. Is the balcony big enough for two chairs and a bad novel?"),
            (CARLA, "Three chairs and an entire library. I send you the address and the story about the lift."),
            (ME, "Booked the train to Hamburg and the flight from there. Erin may join for the last weekend."),
            (CARLA, "The more the merrier. Tell Erin to bring the rain jacket she never needs here."),
        ),
    ),
    (
        "Minutes of the committee", 26.0, "6", (),
        (
            (ERIN, "Dear all,\n\nthe minutes of Tuesday are attached. In short: the roof is paid, the piano is not, and the "
                   "summer concert moves to the boathouse.\n\nErin"),
            (ME, "Thank you, Erin. Page two should say boathouse and not bathhouse, or we will get the wrong audience."),
            (ERIN, "Corrected, with some regret."),
        ),
    ),
)  # fmt: skip

SINGLE: tuple[tuple[Person, str, float, str, tuple[str, ...], bool, str], ...] = (
    (BO, "Welcome to the demo mailbox", 0.05, "0", (), True,
     "Hi Anna,\n\nthis mailbox is a demonstration. Every mail in it was encrypted for you, and what you read here was "
     "opened on this computer. You can answer, move, flag and delete: nothing leaves this machine.\n\n"
     "Write to me at bo@bridge.example, I am the second account here.\n\nBo"),
    (MOTHER, "Bilder från sommaren", 0.3, "0", ("Family",), True,
     "Hej!\n\nHär kommer några bilder från bryggan. Den sista är suddig, men du ser lycklig ut på den.\n\nKram, mamma"),
    (RAIL, "Your ticket: Port Station → Northgate, 12 December", 0.9, "Travel/2026", (), True,
     "Your booking is confirmed.\n\nPort Station 08:14, platform 6\nNorthgate 11:52\nCoach 4, seat 61, quiet zone\n\n"
     "Please show the attached ticket on your screen or on paper."),
    (LEILA, "Générale demain à 19 h", 1.4, "0", (), True,
     "Chère Anna,\n\nla générale a lieu demain à dix-neuf heures précises. Apporte des chaussures silencieuses : "
     "le plancher grince davantage que les ténors.\n\nÀ demain,\nLeïla"),
    (PARCEL, "Your parcel is waiting for you", 1.8, "0", (), True,
     "Hello,\n\nparcel PK 4471 9023 waits at the kiosk on Harbour Street 12 until Saturday.\n\nPick-up code: 7 3 1 9"),
    (SHOP, "Order 20817 has left our workshop", 3.0, "Receipts", (), False,
     "Dear customer,\n\n2 × notebook, dotted, sea green\n1 × fountain pen ink, storm grey\n\nTotal: 41.50\n\n"
     "Thank you for writing by hand."),
    (SOREN, "Tide table for the week", 3.4, "0", (), False,
     "High water  Mon 06:12  Tue 06:58  Wed 07:49  Thu 08:47\nLow water   Mon 12:20  Tue 13:09  Wed 14:02  Thu 15:01\n\n"
     "Do not trust the harbour board, it still runs on summer time.\n\nSøren"),
    (OLEG, "Фотографии маяка", 5.2, "0", (), False,
     "Анна, добрый день!\n\nВ приложении две фотографии маяка до перестройки. На второй видно старую лестницу.\n\nОлег"),
    (YUKI, "来週の予定について", 5.9, "0", (), True,
     "アンナさん\n\n来週の火曜日、午前十時からの打ち合わせはいかがでしょうか。場所はいつもの喫茶店です。\n\n佐藤ゆき"),
    (PAOLA, "Angebot für die Fenster (mit Fragen)", 7.7, "Projects/Harbour house", ("Important",), False,
     "Liebe Anna,\n\ndas Angebot der Tischlerei ist da: Kiefer 4.380 €, Lärche 5.120 €. Ich würde die Lärche nehmen, "
     "sie hält am Wasser länger.\n\nWas meinst du?\n\nPaola"),
    (ERIN, "A recipe, as promised", 8.8, "0", ("Family",), False,
     "Brown bread\n\n450 g coarse wholemeal flour\n100 g oats\n1 teaspoon salt\n1 teaspoon bread soda\n500 ml buttermilk\n\n"
     "Mix, do not knead, fifty minutes at 200 degrees. It is done when it sounds hollow.\n\nErin"),
    (MUSEUM, "Members' evening: lights of the coast", 10.2, "0", (), False,
     "On Thursday at 18:30 our keeper tells how the lamps of nine lighthouses were saved. Members enter free and may "
     "bring one guest.\n\nDoors open at six."),
    (DIETER, "Signed statement about the archive", 12.2, "6", (), False,
     "To whom it may concern,\n\nthe scans handed over on 3 May are complete and unchanged. This mail is signed.\n\nDieter Vogt"),
    (BO, "Lunch on Friday?", 2.8, "0", (), False,
     "There is a new place behind the fish market. They serve exactly three dishes and no menu.\n\nHalf past twelve?\n\nBo"),
    (CARLA, "مرحبا من المغرب", 15.1, "0", (), False,
     "Greetings from Essaouira. The word in the subject means hello, the tea is sweeter than the music, and the cats "
     "own the harbour.\n\nCarla"),
    (LIBRARY, "Zażółć gęślą jaźń is ready for you", 19.5, "0", (), False,
     "The book you reserved has arrived and waits at the desk for ten days."),
)  # fmt: skip

SPAM_MAILS: tuple[tuple[str, str, str], ...] = (
    ("Winner Department", "You have been selected!!!", "Dear beneficiary,\n\nyour fortune of 8,400,000 waits. Reply with your bank."),
    ("Crypto Advisor", "Double your coins until Sunday", "Limited seats. Unlimited regret."),
    ("Dr. Miracle", "Doctors hate this one tea", "Lose everything in ten days."),
    ("Parcel Servlce", "Unpaid customs fee 1,99", "Click the link within 12 hours or your parcel will be sad."),
    ("SEO Experts", "Your website is invisible", "We looked at your website and cried."),
    ("Account Team", "Your mailbox is 99% full", "Confirm your password to keep your mails."),
)  # fmt: skip

TRASHED: tuple[tuple[Person, str, str], ...] = (
    (SHOP, "Autumn sale ends tonight", "Last chance for linen paper at half the price."),
    (MUSEUM, "Changed opening hours", "The museum closes at four on Mondays."),
    (PARCEL, "Your parcel was delivered", "Parcel PK 1120 4410 was handed to a neighbour."),
    (BACKUP, "attic: test", "This is a test."),
    (RAIL, "Platform change", "Train 417 leaves from platform 2."),
)  # fmt: skip

DRAFT_TEXTS: tuple[tuple[Person | None, str, str], ...] = (
    (CARLA, "Packing list for Lisbon", "Rain jacket (for Erin)\nBad novel\nGood shoes\n\nand"),
    (MOTHER, "Till mamma", "Hej mamma,\n\njag tänkte på det du sa om"),
    (None, "", "Ideas for the talk:\n- why keys live on paper\n- the tiller"),
    (PAOLA, "Re: Harbour house: floor plan, second round", "Dear Paola,\n\nabout the tiles:"),
)  # fmt: skip

FERRY_TOPICS = (
    "Fog, fares and a fiddler", "The bridge that opens late", "Seven quiet beaches", "A cook at sea", "Winter timetable",
    "Letters from the islands", "How to read a buoy", "The last paddle steamer", "Herring, three ways", "Night crossing",
)  # fmt: skip
LIST_TOPICS = (
    "Rehearsal moved to Wednesday", "New scores in the cupboard", "Who has the second tenor folder?", "Cake rota",
    "Recording of the spring concert", "Lost: one grey scarf", "Warm-up exercises", "Bus to the festival",
)  # fmt: skip
