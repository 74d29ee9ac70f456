use super::*;
use encoding_rs as sets;

const RUSSIAN: &str = "Добрый день, как у вас дела? Пишу вам по поводу договора.";
const JAPANESE: &str = "お世話になっております。来週の会議についてご連絡いたします。";
const CHINESE: &str = "您好，附件是下周会议的日程安排，请查收并确认。";
const KOREAN: &str = "안녕하세요. 다음 주 회의 일정을 보내 드립니다.";
const GREEK: &str = "Καλημέρα σας, σας στέλνω το πρόγραμμα της επόμενης εβδομάδας.";
const HEBREW: &str = "שלום לכולם, מצורף סדר היום לפגישה בשבוע הבא.";
const POLISH: &str = "Dzień dobry, przesyłam porządek obrad na przyszły tydzień. Proszę o potwierdzenie.";
const TURKISH: &str = "Merhaba, gelecek haftaki toplantının gündemini gönderiyorum. İyi çalışmalar.";
const GERMAN: &str = "Schöne Grüße aus München, die Übersicht für nächste Woche folgt später.";

fn text_of(bytes: &[u8], label: Option<&str>) -> (String, Option<Defect>) {
    decode_text(bytes, label, Hint::default())
}

#[test]
fn text_is_read_in_the_character_set_it_names() {
    let encoded = |text: &str, set: &'static Encoding| set.encode(text).0.into_owned();
    let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let table: Vec<(Vec<u8>, &str, &str)> = vec![
        (b"plain".to_vec(), "us-ascii", "plain"),
        ("grün".into(), "utf-8", "grün"),
        (b"gr\xfcn".to_vec(), "iso-8859-1", "grün"),
        (b"gr\xfcn".to_vec(), "\"ISO-8859-1\";", "grün"),
        (b"gr\xfcn".to_vec(), "iso8859_15", "grün"),
        (b"\x1b$B%O%m!<\x1b(B".to_vec(), "ISO-2022-JP", "ハロー"),
        (b"+ZYeB9FH6ckh5Pg-".to_vec(), "utf-7", "文致出版社"),
        (b"~{VPND~} ~~".to_vec(), "HZ-GB-2312", "中文 ~"),
        (b"\x1b$)C\x0e>H3g\x0f.".to_vec(), "ISO-2022-KR", "안녕."),
        (encoded(RUSSIAN, sets::KOI8_R), "koi8-r", RUSSIAN),
        (encoded(RUSSIAN, sets::WINDOWS_1251), "cp1251", RUSSIAN),
        (encoded(JAPANESE, sets::SHIFT_JIS), "cp932", JAPANESE),
        (encoded(CHINESE, sets::GBK), "gb2312", CHINESE),
        (encoded("㐀", sets::GB18030), "gb2312", "㐀"),
        (encoded(CHINESE, sets::GB18030), "GB18030", CHINESE),
        (encoded(KOREAN, sets::EUC_KR), "ks_c_5601-1987", KOREAN),
        (utf16(GERMAN, u16::to_be_bytes), "utf-16", GERMAN),
        (utf16(GERMAN, u16::to_le_bytes), "utf-16", GERMAN),
        (utf16(GERMAN, u16::to_le_bytes), "utf-16le", GERMAN),
    ];
    for (bytes, label, text) in table {
        assert_eq!(text_of(&bytes, Some(label)), (text.to_owned(), None), "{label} {text}");
    }
}

#[test]
fn text_whose_set_is_not_named_is_guessed() {
    let table: Vec<(&str, &'static Encoding)> = vec![
        (RUSSIAN, sets::KOI8_R),
        (RUSSIAN, sets::WINDOWS_1251),
        (RUSSIAN, sets::UTF_8),
        (JAPANESE, sets::SHIFT_JIS),
        (JAPANESE, sets::EUC_JP),
        (JAPANESE, sets::ISO_2022_JP),
        (CHINESE, sets::GB18030),
        (CHINESE, sets::BIG5),
        (KOREAN, sets::EUC_KR),
        (GREEK, sets::WINDOWS_1253),
        (HEBREW, sets::WINDOWS_1255),
        (POLISH, sets::WINDOWS_1250),
        (POLISH, sets::ISO_8859_2),
        (TURKISH, sets::WINDOWS_1254),
        (GERMAN, sets::WINDOWS_1252),
    ];
    for (text, set) in table {
        let (bytes, _, lossy) = set.encode(text);
        let text = if lossy && set == sets::BIG5 { continue } else { text };
        assert_eq!(text_of(&bytes, None).0, text, "{}", set.name());
        let (guessed, defect) = text_of(&bytes, Some("x-unheard-of"));
        assert_eq!((guessed.as_str(), defect), (text, Some(Defect::UnknownCharset)), "{}", set.name());
    }
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        let bytes: Vec<u8> = GERMAN.encode_utf16().flat_map(order).collect();
        assert_eq!(text_of(&bytes, None).0, GERMAN);
    }
}

#[test]
fn a_wrong_name_is_told_and_the_text_guessed() {
    let table: [(&[u8], &str, &str); 4] = [
        ("grün".as_bytes(), "us-ascii", "grün"),
        ("grün".as_bytes(), "iso-8859-1", "grün"),
        (b"gr\xfcn ist die Hoffnung", "utf-8", "grün ist die Hoffnung"),
        (&sets::WINDOWS_1251.encode(RUSSIAN).0, "us-ascii", RUSSIAN),
    ];
    for (bytes, label, text) in table {
        assert_eq!(text_of(bytes, Some(label)), (text.to_owned(), Some(Defect::WrongCharset)), "{label} {text}");
    }
    // Only a name can make UTF-7 of ASCII.
    assert_eq!(text_of(b"+ADw-script+AD4-", None).0, "+ADw-script+AD4-");
}

#[test]
fn headers_that_nobody_encoded_are_guessed_line_by_line() {
    let subject = |set: &'static Encoding, text: &str, more: &str| {
        let mut block = b"From: a@example.org\r\nSubject: ".to_vec();
        block.extend_from_slice(&set.encode(text).0);
        block.extend_from_slice(format!("\r\n{more}").as_bytes());
        String::from_utf8(utf8_header(&block).into_owned()).unwrap()
    };
    let word = utf8_header(b"Subject: =?iso-8859-1?Q?Fr\xf6sche?= =?x\xf6\r\n").into_owned();
    assert_eq!(String::from_utf8(word).unwrap(), "Subject: =?iso-8859-1?Q?Fr=F6sche?= =?x\u{f6}\r\n");
    let table: [(&'static Encoding, &str, &str); 8] = [
        (sets::WINDOWS_1251, "Договор", "Content-Type: text/plain; charset=windows-1251\r\n"),
        (sets::KOI8_R, "Счёт", "Content-Type: text/plain; charset=\"KOI8-R\"\r\n"),
        (sets::SHIFT_JIS, "会議", "Content-Type: text/plain; charset=Shift_JIS\r\n"),
        (sets::GB18030, "会议", "Content-Type: text/plain; charset=GB2312\r\n"),
        (sets::GB18030, "会议安排和日程", ""),
        (sets::WINDOWS_1252, "Grüße", ""),
        (sets::WINDOWS_1252, "Grüße", "To: Jürgen <j@example.org>\r\n"),
        (sets::WINDOWS_1251, "Добрый день, договор", ""),
    ];
    for (set, text, more) in table {
        let header = subject(set, text, more);
        assert!(header.contains(&format!("Subject: {text}\r\n")) && header.ends_with(more), "{header}");
    }
}

#[test]
fn the_senders_domain_helps_with_little_text() {
    let block = |domain: &str, text: &[u8]| {
        let mut block = format!("From: <a@example.{domain}>\r\nSubject: ").into_bytes();
        block.extend_from_slice(text);
        String::from_utf8(utf8_header(&block).into_owned()).unwrap()
    };
    assert!(block("ru", &sets::WINDOWS_1251.encode("Счёт").0).ends_with("Счёт"));
    assert!(block("gr", &sets::WINDOWS_1253.encode("Λογαριασμός").0).ends_with("Λογαριασμός"));
}
