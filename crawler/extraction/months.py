"""Names of months in the languages of the news, folded to lower case and without final dots: data, no logic.

From the Unicode CLDR, with the Levantine and Maghrebi names of Arabic, Persian and Urdu names of western months, and
the abbreviations that newspapers use. Where languages disagree about a name (Croatian `listopad` is October, Czech and
Polish `listopad` November), `OF_LANGUAGE` decides.
"""

from __future__ import annotations

from unicodedata import normalize

# Each name stands between bars; names of several words keep their space.
_NAMES = (
    (
        "jänner|jän|de gen|de gener|ean|eanáir|ene|enero|gen|gener|gennaio|ian|ianuarie|ion|ionawr|jaan|jaanuar|jan|"
        "janar|janeiro|jannar|januar|januari|januarie|january|januwari|január|januára|janv|janvier|janvāris|"
        "janyuwari|janúar|led|leden|ledna|oca|ocak|saus|sausio|sausis|sij|siječanj|siječnja|sty|styczeń|"
        "stycznia|tammi|tammikuu|tammikuuta|urt|urtarrila|xan|xaneiro|yan|yanvar|ιαν|ιανουάριος|ιανουαρίου|"
        "нэгдүгээр сар|сту|студзень|студзеня|січ|січень|січня|янв|январ|январь|января|яну|януари|јан|јануар|"
        "јануари|қаң|қаңтар|հնվ|հունվար|հունվարի|ינואר|ינו׳|جانفي|جنوری|كانون الثاني|يناير|ژانویه|ژانویهٔ|"
        "जनवरी|जन॰|जाने|जानेवारी|জানু|জানুয়ারী|ਜਨ|ਜਨਵਰੀ|જાન્યુ|જાન્યુઆરી|ஜன|ஜனவரி|జన|జనవరి|ಜನ|ಜನವರಿ|ജനു|"
        "ജനുവരി|ජන|ජනවාරි|ม.ค|มกราคม|มค|ມກ|ມັງກອນ|ဇန်|ဇန်နဝါရီ|იან|იანვარი|ጃን|ጃንዋሪ|មករា|"
    ),
    (
        "feber|chw|chwef|chwefror|de febr|de febrer|feabh|feabhra|feb|febbraio|febr|febreiro|febrer|febrero|"
        "februar|februari|februarie|february|februwari|február|februára|februāris|febrúar|fev|fevereiro|"
        "fevral|fra|frar|fév|févr|février|helmi|helmikuu|helmikuuta|lut|lutego|luty|ots|otsaila|peb|pebrero|"
        "shk|shkurt|vas|vasario|vasaris|veebr|veebruar|velj|veljača|veljače|úno|únor|února|şub|şubat|φεβ|"
        "φεβρουάριος|φεβρουαρίου|ақп|ақпан|лют|лютага|лютий|лютого|люты|феб|фебруар|фев|февр|феврал|февраль|"
        "февраля|февруари|хоёрдугаар сар|փետրվար|փետրվարի|փտվ|פברואר|פבר׳|شباط|فبراير|فروری|فوریه|فوریهٔ|"
        "فيفري|फ़रवरी|फ़र॰|फेब्रु|फेब्रुअरी|फेब्रुवारी|ফেব|ফেব্রুয়ারী|ਫ਼ਰ|ਫ਼ਰਵਰੀ|ફેબ્રુ|ફેબ્રુઆરી|பிப்|"
        "பிப்ரவரி|ఫిబ్ర|ఫిబ్రవరి|ಫೆಬ್ರ|ಫೆಬ್ರವರಿ|ഫെബ്രു|ഫെബ്രുവരി|පෙබ|පෙබරවාරි|ก.พ|กพ|กุมภาพันธ์|ກພ|ກຸມພາ|ဖေ|"
        "ဖေဖော်ဝါရီ|თებ|თებერვალი|ፌብ|ፌብሩዋሪ|កុម្ភៈ|"
    ),
    (
        "bře|březen|března|de març|kov|kovas|kovo|maalis|maaliskuu|maaliskuuta|maart|mac|machi|maerz|mar|"
        "marca|march|marec|maret|mars|marso|mart|martie|marts|martxoa|marzec|marzo|marzu|març|março|mas|"
        "mashi|mat|matshi|maw|mawrth|mrt|márc|március|márta|mär|märts|märz|ožu|ožujak|ožujka|μάρ|μάρτιος|μαρ|"
        "μαρτίου|бер|березень|березня|гуравдугаар сар|мар|март|марта|нау|наурыз|сак|сакавік|сакавіка|մարտ|"
        "մարտի|մրտ|מרץ|آذار|اذار|مارس|مارچ|मार्च|মার্চ|ਮਾਰਚ|માર્ચ|மார்|மார்ச்|మార్చి|ಮಾರ್ಚ್|മാർ|മാർച്ച്|මාර්|"
        "මාර්තු|มี.ค|มีค|มีนาคม|ມນ|ມີນາ|မတ်|მარ|მარტი|ማርች|មីនា|"
    ),
    (
        "abr|abril|aib|aibreán|api|apirila|apr|aprel|april|aprile|aprili|aprilie|aprill|apríl|apríla|aprīlis|"
        "avr|avril|bal|balandis|balandžio|dub|duben|dubna|d’abr|d’abril|ebr|ebrill|eph|ephreli|epr|epreli|"
        "huhti|huhtikuu|huhtikuuta|kwi|kwiecień|kwietnia|nis|nisan|pri|prill|tra|travanj|travnja|ápr|április|"
        "απρ|απρίλιος|απριλίου|апр|апрел|апрель|апреля|април|дөрөвдүгээр сар|квіт|квітень|квітня|кра|"
        "красавік|красавіка|сәу|сәуір|ապր|ապրիլ|ապրիլի|אפריל|אפר׳|آوریل|أبريل|أفريل|ابريل|اپریل|نيسان|अप्रिल|"
        "अप्रैल|एप्रि|एप्रिल|এপ্রি|এপ্রিল|ਅਪ੍ਰੈ|ਅਪ੍ਰੈਲ|એપ્રિલ|ஏப்|ஏப்ரல்|ఏప్రి|ఏప్రిల్|ಏಪ್ರಿ|ಏಪ್ರಿಲ್|ഏപ്രി|"
        "ഏപ്രിൽ|අප්‍රේල්|เม.ย|เมย|เมษายน|ມສ|ເມສາ|ဧပြီ|აპრ|აპრილი|ኤፕሪ|ኤፕሪል|មេសា|"
    ),
    (
        "beal|bealtaine|de maig|geg|gegužė|gegužės|kvě|květen|května|mag|maggio|mai|maiatza|maig|maijs|maio|"
        "maj|maja|may|mayo|mayıs|maí|mei|mej|mejju|mey|meyi|máj|mája|május|svi|svibanj|svibnja|touko|"
        "toukokuu|toukokuuta|μάι|μάιος|μαΐ|μαΐου|май|мам|мамыр|мая|мај|тавдугаар сар|трав|травень|травня|"
        "մայիս|մայիսի|մյս|מאי|أيار|ايار|مئی|ماي|مايو|مه|مهٔ|मई|मे|মে|ਮਈ|મે|மே|మే|ಮೇ|മേയ്|මැයි|พ.ค|พค|พฤษภาคม|"
        "ພພ|ພຶດສະພາ|မေ|მაი|მაისი|ሜይ|ឧសភា|"
    ),
    (
        "birž|birželio|birželis|cze|czerwca|czerwiec|de juny|eka|ekaina|giu|giugno|haz|haziran|hun|hunyo|iun|"
        "iunie|iyn|iyun|juin|jun|june|junho|juni|junie|junij|junio|juny|juuni|jún|júna|június|júní|jūn|"
        "jūnijs|kesä|kesäkuu|kesäkuuta|lipanj|lipnja|meh|mehefin|meith|meitheamh|qer|qershor|xuño|červen|"
        "června|čvn|ġun|ġunju|ιουν|ιουνίου|ιούν|ιούνιος|зургаадугаар сар|июн|июнь|июня|мау|маусым|черв|"
        "червень|червня|чэр|чэрвень|чэрвеня|юни|јун|јуни|հնս|հունիս|հունիսի|יוני|جوان|جون|حزيران|يونيو|ژوئن|"
        "जुन|जून|জুন|ਜੂਨ|જૂન|ஜூன்|జూన్|ಜೂನ್|ജൂൺ|ජූනි|มิ.ย|มิถุนายน|มิย|ມິຖ|ມິຖຸນາ|ဇွန်|ივნ|ივნისი|ጁን|មិថុនា|"
    ),
    (
        "de jul|de juliol|gor|gorff|gorffennaf|heinä|heinäkuu|heinäkuuta|hul|hulyo|iul|iulie|iyl|iyul|iúil|"
        "juil|juillet|jul|julai|julayi|julho|juli|julie|julij|julio|juliol|july|juuli|júl|júla|július|júlí|"
        "jūl|jūlijs|korr|korrik|liep|liepa|liepos|lipca|lipiec|lug|luglio|lul|lulju|srpanj|srpnja|tem|temmuz|"
        "uzt|uztaila|xul|xullo|července|červenec|čvc|ιουλ|ιουλίου|ιούλ|ιούλιος|долоодугаар сар|июл|июль|июля|"
        "лип|липень|липня|ліп|ліпень|ліпеня|шіл|шілде|юли|јул|јули|հլս|հուլիս|հուլիսի|יולי|تموز|جولائی|"
        "جويلية|يوليو|ژوئیه|ژوئیهٔ|जुलाई|जुलै|जुल॰|জুল|জুলাই|ਜੁਲਾ|ਜੁਲਾਈ|જુલાઈ|ஜூலை|జులై|ಜುಲೈ|ജൂലൈ|ජූලි|ก.ค|"
        "กค|กรกฎาคม|ກລ|ກໍລະກົດ|ဇူ|ဇူလိုင်|ივლ|ივლისი|ጁላይ|កក្កដា|"
    ),
    (
        "abu|abuztua|ag|aga|agasti|ago|agost|agosti|agosto|agu|agustus|aoû|août|aug|august|augusta|augusti|"
        "augusts|augustus|augusztus|avg|avgust|avq|avqust|awst|aww|awwissu|ağu|ağustos|d’ag|d’agost|elo|"
        "elokuu|elokuuta|gush|gusht|kol|kolovoz|kolovoza|lún|lúnasa|ogo|ogos|rugp|rugpjūtis|rugpjūčio|sie|"
        "sierpień|sierpnia|srpen|srpna|ágú|ágúst|αυγ|αυγούστου|αύγ|αύγουστος|авг|август|августа|жні|жнівень|"
        "жніўня|наймдугаар сар|серп|серпень|серпня|там|тамыз|օգոստոս|օգոստոսի|օգս|אוגוסט|אוג׳|آب|أغسطس|أوت|"
        "اغسطس|اوت|اگست|अगस्ट|अगस्त|अग॰|ऑग|ऑगस्ट|আগ|আগস্ট|ਅਗ|ਅਗਸਤ|ઑગસ્ટ|ஆக|ஆகஸ்ட்|ఆగ|ఆగస్టు|ಆಗ|ಆಗಸ್ಟ್|ഓഗ|"
        "ഓഗസ്റ്റ്|අගෝ|අගෝස්තු|ส.ค|สค|สิงหาคม|ສຫ|ສິງຫາ|ဩဂုတ်|აგვ|აგვისტო|ኦገስ|ኦገስት|សីហា|"
    ),
    (
        "de set|de setembre|eyl|eylül|ira|iraila|medi|meán fómhair|mfómh|rugs|rugsėjis|rugsėjo|ruj|rujan|"
        "rujna|setiembre|setembre|sen|sentabr|sentyabr|sep|sept|septemba|septembar|september|septembra|septembre|septembrie|"
        "septembris|septhemba|septiembre|set|setembre|setembro|settembre|settembru|setyembre|sht|shtator|"
        "syys|syyskuu|syyskuuta|szept|szeptember|wrz|wrzesień|września|zář|září|σεπ|σεπτέμβριος|σεπτεμβρίου|"
        "вер|верасень|верасня|вересень|вересня|есдүгээр сар|сен|сент|сентябр|сентябрь|сентября|сеп|септембар|"
        "септември|қыр|қыркүйек|սեպ|սեպտեմբեր|սեպտեմբերի|ספטמבר|ספט׳|أيلول|ايلول|سبتمبر|ستمبر|سپتامبر|सप्टें|"
        "सप्टेंबर|सितंबर|सित॰|सेप्टेम्बर|সেপ|সেপ্টেম্বর|ਸਤੰ|ਸਤੰਬਰ|સપ્ટે|સપ્ટેમ્બર|செப்|செப்டம்பர்|సెప్టెం|"
        "సెప్టెంబర్|ಸೆಪ್ಟೆಂ|ಸೆಪ್ಟೆಂಬರ್|സെപ്റ്റം|സെപ്റ്റംബർ|සැප්|සැප්තැම්බර්|ก.ย|กย|กันยายน|ກຍ|ກັນຍາ|စက်|"
        "စက်တင်ဘာ|სექ|სექტემბერი|ሴፕቴ|ሴፕቴምበር|កញ្ញា|"
    ),
    (
        "deireadh fómhair|dfómh|d’oct|d’octubre|eki|ekim|hyd|hydref|loka|lokakuu|lokakuuta|oct|october|"
        "octobre|octombrie|octubre|okt|oktabr|okthoba|okthobha|oktoba|oktobar|oktober|oktobris|oktoober|"
        "oktubre|oktyabr|október|októbra|ott|ottobre|ottubru|out|outubro|paź|październik|października|spal|"
        "spalio|spalis|tet|tetor|urr|urria|říj|říjen|října|οκτ|οκτωβρίου|οκτώβριος|аравдугаар сар|жовт|"
        "жовтень|жовтня|кас|кастрычнік|кастрычніка|окт|октобар|октомври|октябр|октябрь|октября|қаз|қазан|հոկ|"
        "հոկտեմբեր|հոկտեմբերի|אוקטובר|אוק׳|أكتوبر|اكتوبر|اکتبر|اکتوبر|تشرين الأول|अक्टूबर|अक्टू॰|अक्टोबर|"
        "ऑक्टो|ऑक्टोबर|অক্টো|অক্টোবর|ਅਕਤੂ|ਅਕਤੂਬਰ|ઑક્ટો|ઑક્ટોબર|அக்|அக்டோபர்|అక్టో|అక్టోబర్|ಅಕ್ಟೋ|ಅಕ್ಟೋಬರ್|"
        "ഒക്ടോ|ഒക്‌ടോബർ|ඔක්|ඔක්තෝබර්|ต.ค|ตค|ตุลาคม|ຕລ|ຕຸລາ|အောက်|အောက်တိုဘာ|ოქტ|ოქტომბერი|ኦክቶ|ኦክቶበር|តុលា|"
    ),
    (
        "aza|azaroa|de nov|de novembre|kas|kasım|lapkr|lapkritis|lapkričio|listopadu|marras|marraskuu|"
        "marraskuuta|nob|nobyembre|noiembrie|nov|novemba|novembar|november|novembra|novembre|novembris|"
        "novembro|novembru|noviembre|noy|noyabr|nën|nëntor|nóv|nóvember|samh|samhain|stu|studeni|studenoga|"
        "tach|tachwedd|νοέ|νοέμβριος|νοε|νοεμβρίου|арван нэгдүгээр сар|лист|листопад|листопада|ліс|лістапад|"
        "лістапада|нов|новембар|ное|ноември|ноя|нояб|ноябр|ноябрь|ноября|қар|қараша|նոյ|նոյեմբեր|նոյեմբերի|"
        "נובמבר|נוב׳|تشرين الثاني|نوامبر|نوفمبر|نومبر|नवंबर|नव॰|नोभेम्बर|नोव्हें|नोव्हेंबर|নভে|নভেম্বর|ਨਵੰ|"
        "ਨਵੰਬਰ|નવે|નવેમ્બર|நவ|நவம்பர்|నవం|నవంబర్|ನವೆಂ|ನವೆಂಬರ್|നവം|നവംബർ|නොවැ|නොවැම්බර්|พ.ย|พย|พฤศจิกายน|ພຈ|"
        "ພະຈິກ|နို|နိုဝင်ဘာ|ნოე|ნოემბერი|ኖቬም|ኖቬምበር|វិច្ឆិកា|"
    ),
    (
        "abe|abendua|ara|aralık|de des|de desembre|dec|decembar|december|decembra|decembrie|decembris|"
        "decembro|dek|dekabr|des|desemba|desember|desembre|dets|detsember|dez|dezember|dezembro|dhj|dhjetor|"
        "dic|dicembre|diciembre|dis|disemba|disember|disyembre|diċ|diċembru|déc|décembre|gru|grudnia|"
        "grudzień|gruod|gruodis|gruodžio|joulu|joulukuu|joulukuuta|noll|nollaig|pro|prosinac|prosinca|"
        "prosince|prosinec|rhag|rhagfyr|δεκ|δεκέμβριος|δεκεμβρίου|арван хоёрдугаар сар|груд|грудень|грудня|"
        "дек|декабр|декабрь|декабря|декември|дец|децембар|жел|желтоқсан|сне|снежань|снежня|դեկ|դեկտեմբեր|"
        "դեկտեմբերի|דצמבר|דצמ׳|دسامبر|دسمبر|ديسمبر|كانون الأول|डिसें|डिसेंबर|डिसेम्बर|दिसंबर|दिस॰|ডিসে|"
        "ডিসেম্বর|ਦਸੰ|ਦਸੰਬਰ|ડિસે|ડિસેમ્બર|டிச|டிசம்பர்|డిసెం|డిసెంబర్|ಡಿಸೆಂ|ಡಿಸೆಂಬರ್|ഡിസം|ഡിസംബർ|දෙසැ|"
        "දෙසැම්බර්|ธ.ค|ธค|ธันวาคม|ທວ|ທັນວາ|ဒီ|ဒီဇင်ဘာ|დეკ|დეკემბერი|ዲሴም|ዲሴምበር|ធ្នូ|"
    ),
)

# Spellings beside the CLDR's, and languages that it leaves out: Hausa, Igbo, Kinyarwanda, Luxembourgish, Malagasy, Odia,
# Oromo, Pashto, Romansh, Somali, Tigrinya, Uyghur, Yoruba.
_FURTHER = (
    "ጃንዩ|ጃንዩወሪ|জানুয়ারি|tammik|janairu|ינו|pebruwari|jenụwarị|janoary|amajjii|ଜାନୁଆରୀ|جنوري|schan|schaner|mutarama|jannaayo|"
    "เดือนมกราคม|มกรา|يانۋار|ṣẹ́rẹ́|umasingana",
    "ፌብሩ|ፌብሩወሪ|ফেব্রুয়ারি|فبروری|helmik|faburairu|פבר|pebruari|febrụwarị|febroary|guraandhala|ଫେବୃଆରୀ|فبروري|فېبروري|favr|"
    "favrer|gashyantare|febraayo|เดือนกุมภาพันธ์|กุมภา|ለካቲት|فېۋرال|èrèlè",
    "mrz|maalisk|maris|מרס|מארס|maachị|mäerz|martsa|bitooteessa|ମାର୍ଚ୍ଚ|werurwe|maarso|เดือนมีนาคม|มีนา|መጋቢት|مارت|берез|ẹrẹ̀nà",
    "huhtik|afirilu|אפר|epreel|eprel|abrëll|aprily|elba|ଅପ୍ରେଲ|avrigl|mata|abriil|เมษา|เดือนเมษายน|ሚያዝያ|ئاپرېل|кві|ìgbé",
    "траўня|toukok|mayu|caamsa|matg|gicurasi|gicuransi|เดือนพฤษภาคม|พฤษภา|ግንቦት|тра|ẹ̀bibi",
    "يونيه|يونية|İyun|kesäk|yuni|יונ|juun|jona|зургадугаар сар|waxabajjii|ଜୁନ|zercl|zercladur|kamena|เดือนมิถุนายน|มิถุนา|ئىيۇن|чер|òkúdu",
    "يوليه|يولية|İyul|جولای|heinäk|yuli|יול|julaị|jolay|долдугаар сар|adooleessa|ଜୁଲାଇ|fanadur|nyakanga|luuliyo|kor|เดือนกรกฎาคม|"
    "เดือนกรกฏาคม|กรกฎา|ሓምለ|ئىيۇل|agẹmọ",
    "жнівеня|آگست|elok|agusta|אוג|agt|ọgọọst|aogositra|hagayya|ଅଗଷ୍ଟ|اګست|avust|kanama|ogosto|gsh|สิงหา|เดือนสิงหาคม|ነሓሰ|ئاۋغۇست|сер|ògún",
    "септ|септм|سپتمبر|syysk|satumba|ספט|सितम्बर|septambra|fuulbana|ସେପ୍ଟେମ୍ବର|سېپتمبر|settember|nzeli|sebteembar|กันยา|เดือนกันยายน|"
    "መስከረም|سېنتەبىر|верес|owewe",
    "lokak|אוק|अक्तूबर|अक्तू॰|ọktoba|oktobra|onkololeessa|ଅକ୍ଟୋବର|ukwakira|oktoobar|เดือนตุลาคม|ตุลา|ጥቅምቲ|ئۆكتەبىر|жов|ọ̀wàrà",
    "marrask|nuwamba|נוב|नवम्बर|nop|nopember|novambra|ноем|sadaasa|ନଭେମ୍ବର|noiem|ugushyingo|noofeembar|เดือนพฤศจิกายน|พฤศจิกา|ሕዳር|نويابىر|"
    "листоп|bélú",
    "jouluk|disamba|דצמ|दिसम्बर|desambra|muddee|ଡିସେମ୍ବର|ukuboza|diseembar|เดือนธันวาคม|ธันวา|ታሕሳስ|دېكابىر|гру|ọ̀pẹ̀",
)

OF_LANGUAGE = {
    "hr": {"listopada": 10, "listopad": 10, "lis": 10, "lip": 6, "srp": 7, "lipnja": 6, "srpnja": 7},
    "pl": {"listopada": 11, "listopad": 11, "lis": 11, "lip": 7},
    "cs": {"listopadu": 11, "listopad": 11, "lis": 11, "srp": 8},
}

PERSIAN = (
    "فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند",
)  # fmt: skip

MONTHS: dict[str, int] = {
    normalize("NFC", name): number
    for table in (_FURTHER, _NAMES)
    for number, names in enumerate(table, 1)
    for name in names.split("|")
    if name
} | {"listopada": 11, "listopad": 11, "lis": 11}
