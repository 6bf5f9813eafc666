<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="ru" sourcelanguage="en">
<context>
    <name>about</name>
    <message>
        <source>About Bridge Manager</source>
        <translation>О программе Bridge Manager</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Закрыть</translation>
    </message>
    <message>
        <source>Icons</source>
        <translation>Значки</translation>
    </message>
    <message>
        <source>Parts</source>
        <translation>Компоненты</translation>
    </message>
    <message>
        <source>Parts and their licences</source>
        <translation>Компоненты и их лицензии</translation>
    </message>
    <message>
        <source>Version {version}. Free software under the MIT licence. Not made by Proton AG, and not connected with it.</source>
        <translation>Версия {version}. Свободная программа под лицензией MIT. Не создана компанией Proton AG и не связана с ней.</translation>
    </message>
</context>
<context>
    <name>account</name>
    <message>
        <source>Activity</source>
        <translation>Активность</translation>
    </message>
    <message>
        <source>Add program</source>
        <translation>Добавить программу</translation>
    </message>
    <message>
        <source>Addresses</source>
        <translation>Адреса</translation>
    </message>
    <message>
        <source>All addresses share one mailbox. Mail programs read it anew, and show the mail of all addresses. Nothing at Proton is changed.</source>
        <translation>У всех адресов будет один общий ящик. Почтовые программы прочитают его заново и будут показывать почту всех адресов. В Proton ничего не изменится.</translation>
    </message>
    <message>
        <source>Change</source>
        <translation>Изменить</translation>
    </message>
    <message>
        <source>Change…</source>
        <translation>Изменить…</translation>
    </message>
    <message>
        <source>Combine addresses</source>
        <translation>Объединить адреса</translation>
    </message>
    <message>
        <source>Download</source>
        <translation>Загрузка</translation>
    </message>
    <message>
        <source>Each address gets a mailbox of its own. Mail programs read their mailboxes anew, and each one shows the mail of the address it signs in with. Nothing at Proton is changed.</source>
        <translation>У каждого адреса будет свой ящик. Почтовые программы прочитают ящики заново, и каждая будет показывать почту того адреса, с которым она входит. В Proton ничего не изменится.</translation>
    </message>
    <message>
        <source>Mail programs</source>
        <translation>Почтовые программы</translation>
    </message>
    <message>
        <source>More for this account</source>
        <translation>Другие действия с учётной записью</translation>
    </message>
    <message>
        <source>No mail program is connected.</source>
        <translation>Ни одна почтовая программа не подключена.</translation>
    </message>
    <message>
        <source>No mail program uses this account yet. Add one: it gets a password of its own, which you can revoke at any time.</source>
        <translation>С этой учётной записью ещё не работает ни одна почтовая программа. Добавьте её: она получит собственный пароль, который можно отозвать в любой момент.</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>На этом компьютере</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Пауза</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Удалить</translation>
    </message>
    <message>
        <source>Remove from this computer…</source>
        <translation>Удалить с этого компьютера…</translation>
    </message>
    <message>
        <source>Remove {name}</source>
        <translation>Удалить {name}</translation>
    </message>
    <message>
        <source>Repair</source>
        <translation>Исправить</translation>
    </message>
    <message>
        <source>Repair this account</source>
        <translation>Исправить учётную запись</translation>
    </message>
    <message>
        <source>Repair…</source>
        <translation>Исправить…</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Продолжить</translation>
    </message>
    <message numerus="yes">
        <source>Show all %n</source>
        <translation>
            <numerusform>Показать все (%n)</numerusform>
            <numerusform>Показать все (%n)</numerusform>
            <numerusform>Показать все (%n)</numerusform>
        </translation>
    </message>
    <message>
        <source>Show fewer</source>
        <translation>Свернуть</translation>
    </message>
    <message>
        <source>Sign out</source>
        <translation>Выйти</translation>
    </message>
    <message>
        <source>Split addresses</source>
        <translation>Разделить адреса</translation>
    </message>
    <message>
        <source>Split or combine addresses…</source>
        <translation>Разделить или объединить адреса…</translation>
    </message>
    <message>
        <source>The account, its local mail and the passwords of its mail programs are removed from this computer. Nothing at Proton is deleted.</source>
        <translation>Учётная запись, её почта и пароли её почтовых программ будут удалены с этого компьютера. В Proton ничего не удалится.</translation>
    </message>
    <message>
        <source>The local copy is compared with Proton and what is wrong is downloaded again. Nothing at Proton is changed, and mail programs keep their place.</source>
        <translation>Копия почты на этом компьютере будет сверена с Proton, а всё неверное загружено заново. В Proton ничего не изменится, почтовые программы настраивать не придётся.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Отменить</translation>
    </message>
    <message>
        <source>combined: one mailbox for all</source>
        <translation>объединены: один ящик на все адреса</translation>
    </message>
    <message>
        <source>split: a mailbox for each</source>
        <translation>разделены: свой ящик у каждого адреса</translation>
    </message>
    <message>
        <source>{address} (disabled)</source>
        <translation>{address} (отключён)</translation>
    </message>
    <message>
        <source>{address} (only receives)</source>
        <translation>{address} (только приём)</translation>
    </message>
    <message>
        <source>{name} can no longer sign in</source>
        <translation>Программа «{name}» больше не может войти</translation>
    </message>
</context>
<context>
    <name>actions</name>
    <message>
        <source>Bridge Manager met an error of its own. It goes on running.</source>
        <translation>В самой программе Bridge Manager произошла ошибка. Работа продолжается.</translation>
    </message>
    <message>
        <source>This did not work</source>
        <translation>Не получилось</translation>
    </message>
    <message>
        <source>Try again. If it happens again, report it from the Help menu.</source>
        <translation>Повторите попытку. Если ошибка повторится, сообщите о ней через раздел «Справка».</translation>
    </message>
</context>
<context>
    <name>announcer</name>
    <message>
        <source>A message was not sent</source>
        <translation>Письмо не отправлено</translation>
    </message>
</context>
<context>
    <name>app</name>
    <message>
        <source>Bridge Manager cannot go on ({error}). The log has the details.</source>
        <translation>Bridge Manager не может продолжать работу ({error}). Подробности — в журнале.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Открыть</translation>
    </message>
    <message>
        <source>The demonstration could not be started</source>
        <translation>Не удалось запустить демонстрацию</translation>
    </message>
</context>
<context>
    <name>certificate</name>
    <message>
        <source>Copy the fingerprint</source>
        <translation>Скопировать отпечаток</translation>
    </message>
    <message>
        <source>Every mail program has to trust the new certificate before it can read or send mail again.</source>
        <translation>Каждая почтовая программа сможет снова читать и отправлять почту лишь после того, как примет новый сертификат.</translation>
    </message>
    <message>
        <source>Fingerprint (SHA-256)</source>
        <translation>Отпечаток (SHA-256)</translation>
    </message>
    <message>
        <source>Mail programs reach Bridge Manager over an encrypted connection. This certificate proves to them that they talk to it; it was made on this computer and is good for nothing else.</source>
        <translation>Почтовые программы связываются с Bridge Manager по зашифрованному соединению. Этот сертификат подтверждает, что они говорят именно с ним; он создан на этом компьютере и больше ни для чего не годится.</translation>
    </message>
    <message>
        <source>Renew</source>
        <translation>Обновить</translation>
    </message>
    <message>
        <source>Renew the certificate</source>
        <translation>Обновить сертификат</translation>
    </message>
    <message>
        <source>Renew…</source>
        <translation>Обновить…</translation>
    </message>
    <message>
        <source>SHA-256</source>
        <translation>SHA-256</translation>
    </message>
    <message>
        <source>Save as a file…</source>
        <translation>Сохранить в файл…</translation>
    </message>
    <message>
        <source>Save the certificate</source>
        <translation>Сохранить сертификат</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>Действует до</translation>
    </message>
</context>
<context>
    <name>core</name>
    <message>
        <source>A change was taken back</source>
        <translation>Изменение отменено</translation>
    </message>
    <message>
        <source>A file</source>
        <translation>Файл</translation>
    </message>
    <message>
        <source>A key of {} cannot be read, so nothing was sent.</source>
        <translation>Ключ получателя {} не читается, поэтому ничего не отправлено.</translation>
    </message>
    <message>
        <source>A key pinned in the contact cannot be read.</source>
        <translation>Ключ, закреплённый за контактом, не читается.</translation>
    </message>
    <message>
        <source>A key's salt is not base64.</source>
        <translation>Соль ключа записана не в base64.</translation>
    </message>
    <message>
        <source>A mail program</source>
        <translation>Почтовая программа</translation>
    </message>
    <message>
        <source>A mail program does not trust the certificate of {} (attempts: {}).</source>
        <translation>Почтовая программа не доверяет сертификату {} (попыток: {}).</translation>
    </message>
    <message>
        <source>A mail program is one of: {}.</source>
        <translation>Почтовая программа может быть такой: {}.</translation>
    </message>
    <message>
        <source>A mail program of {} uses a wrong password for {} (refused: {}).</source>
        <translation>Почтовая программа учётной записи {} входит в {} с неверным паролем (отказов: {}).</translation>
    </message>
    <message>
        <source>A mail program signs in to {} with a wrong password (refused: {}).</source>
        <translation>Почтовая программа входит в {} с неверным паролем (отказов: {}).</translation>
    </message>
    <message>
        <source>A mail program speaks only old versions of TLS at {} (attempts: {}).</source>
        <translation>Почтовая программа обращается к {} только по старым версиям TLS (попыток: {}).</translation>
    </message>
    <message>
        <source>A mail program speaks {} at the port of {} (attempts: {}).</source>
        <translation>Почтовая программа обращается по {} к порту {} (попыток: {}).</translation>
    </message>
    <message>
        <source>A mail program wants to use {} without encryption (refused: {}).</source>
        <translation>Почтовая программа хочет работать с {} без шифрования (отказов: {}).</translation>
    </message>
    <message>
        <source>A mistake in Bridge Manager</source>
        <translation>Ошибка в Bridge Manager</translation>
    </message>
    <message>
        <source>A name has 1 to {} characters.</source>
        <translation>В названии должно быть от 1 до {} символов.</translation>
    </message>
    <message>
        <source>A name with control characters cannot be written into Thunderbird's settings.</source>
        <translation>Имя с управляющими символами нельзя записать в настройки Thunderbird.</translation>
    </message>
    <message>
        <source>A path or a name holds a control character; it cannot be written into a configuration file.</source>
        <translation>В пути или имени есть управляющий символ; его нельзя записать в файл настроек.</translation>
    </message>
    <message>
        <source>A program looked at {} without encryption, and left again (attempts: {}).</source>
        <translation>Программа обратилась к {} без шифрования и сразу отключилась (попыток: {}).</translation>
    </message>
    <message>
        <source>A program that reads autoconfig</source>
        <translation>Программа, которая читает autoconfig</translation>
    </message>
    <message>
        <source>A setting was left out</source>
        <translation>Одна из настроек пропущена</translation>
    </message>
    <message>
        <source>A telephone cannot reach Bridge Manager</source>
        <translation>Телефон не может связаться с Bridge Manager</translation>
    </message>
    <message>
        <source>A token of the answer cannot stand in a header.</source>
        <translation>Ключ сеанса из ответа нельзя передать в заголовке.</translation>
    </message>
    <message>
        <source>Accounts with single sign-on cannot be used with a bridge.</source>
        <translation>Учётные записи с единым входом не работают через мост.</translation>
    </message>
    <message>
        <source>Add an authenticator app to the account under account.proton.me, Account and password, Two-factor authentication. Then sign in here with its code.</source>
        <translation>Добавьте к учётной записи приложение-аутентификатор: account.proton.me, раздел Account and password, Two-factor authentication. Затем войдите здесь с его кодом.</translation>
    </message>
    <message>
        <source>Add the account to Thunderbird's settings</source>
        <translation>Добавить учётную запись в настройки Thunderbird</translation>
    </message>
    <message>
        <source>Adds {} to Mail, by way of Bridge Manager on this Mac.</source>
        <translation>Добавляет {} в «Почту» через Bridge Manager на этом Mac.</translation>
    </message>
    <message>
        <source>Allow it to read, or remove its incoming server.</source>
        <translation>Разрешите ей читать почту или удалите из неё сервер входящей почты.</translation>
    </message>
    <message>
        <source>Allow it to send, or remove its outgoing server.</source>
        <translation>Разрешите ей отправлять почту или удалите из неё сервер исходящей почты.</translation>
    </message>
    <message>
        <source>Allow {} to read, or remove its incoming server.</source>
        <translation>Разрешите программе {} читать почту или удалите в ней сервер входящей почты.</translation>
    </message>
    <message>
        <source>Allow {} to send, or remove its outgoing server.</source>
        <translation>Разрешите программе {} отправлять почту или удалите в ней сервер исходящей почты.</translation>
    </message>
    <message>
        <source>Already signed in</source>
        <translation>Вход уже выполнен</translation>
    </message>
    <message>
        <source>An attachment is larger than expected.</source>
        <translation>Вложение больше, чем ожидалось.</translation>
    </message>
    <message>
        <source>An attachment is not what Proton would send.</source>
        <translation>Вложение не такое, какое прислал бы Proton.</translation>
    </message>
    <message>
        <source>An empty passphrase protects nothing.</source>
        <translation>Пустая парольная фраза ничего не защищает.</translation>
    </message>
    <message>
        <source>An encrypted part cannot be read</source>
        <translation>Зашифрованная часть не читается</translation>
    </message>
    <message>
        <source>An object was expected in the answer.</source>
        <translation>В ответе нет ожидаемого объекта.</translation>
    </message>
    <message>
        <source>Another Bridge Manager uses this profile.</source>
        <translation>Этот профиль занят другим Bridge Manager.</translation>
    </message>
    <message>
        <source>Another program</source>
        <translation>Другая программа</translation>
    </message>
    <message>
        <source>Another program answers at port {} in the place of {}: {}.</source>
        <translation>На порту {} вместо {} отвечает другая программа: {}.</translation>
    </message>
    <message>
        <source>Another program listens on this port.</source>
        <translation>Этот порт занят другой программой.</translation>
    </message>
    <message>
        <source>Apple Mail</source>
        <translation>Apple Mail</translation>
    </message>
    <message>
        <source>Apple Mail runs on a Mac only</source>
        <translation>Apple Mail работает только на Mac</translation>
    </message>
    <message>
        <source>Base address of the service.</source>
        <translation>Основной адрес службы.</translation>
    </message>
    <message>
        <source>Basic: protocol IMAP, server and user name. SSL/TLS: Use STARTTLS for receiving. Advanced: the IMAP port</source>
        <translation>Основное: протокол IMAP, сервер и имя пользователя. SSL/TLS: «Использовать STARTTLS» для получения. Дополнительно: порт IMAP</translation>
    </message>
    <message>
        <source>Bridge Manager cannot read this message</source>
        <translation>Bridge Manager не может прочитать это письмо</translation>
    </message>
    <message>
        <source>Bridge Manager has not set up this mail program, or has taken it back already.</source>
        <translation>Bridge Manager не настраивал эту почтовую программу или уже отменил её настройку.</translation>
    </message>
    <message>
        <source>Bridge Manager has to run on that Mac as well.</source>
        <translation>Bridge Manager должен работать на том же Mac.</translation>
    </message>
    <message>
        <source>Bridge Manager has to run on the same computer.</source>
        <translation>Bridge Manager должен работать на том же компьютере.</translation>
    </message>
    <message>
        <source>Bridge Manager is being closed.</source>
        <translation>Bridge Manager завершает работу.</translation>
    </message>
    <message>
        <source>Bridge Manager is ending.</source>
        <translation>Bridge Manager завершает работу.</translation>
    </message>
    <message>
        <source>Bridge Manager is not running</source>
        <translation>Bridge Manager не запущен</translation>
    </message>
    <message>
        <source>Bridge Manager is running already</source>
        <translation>Bridge Manager уже запущен</translation>
    </message>
    <message>
        <source>Bridge Manager is still starting.</source>
        <translation>Bridge Manager ещё запускается.</translation>
    </message>
    <message>
        <source>Bridge Manager on this computer</source>
        <translation>Bridge Manager на этом компьютере</translation>
    </message>
    <message>
        <source>Bridge Manager tries again by itself.</source>
        <translation>Bridge Manager повторит попытку сам.</translation>
    </message>
    <message>
        <source>Bridge Manager tries again by itself. Signing in: wait some minutes, then try again.</source>
        <translation>Bridge Manager повторит попытку сам. Если вы входите, подождите несколько минут и попробуйте снова.</translation>
    </message>
    <message>
        <source>Bridge Manager was locked.</source>
        <translation>Bridge Manager заблокирован.</translation>
    </message>
    <message>
        <source>Bring the account in Outlook in line</source>
        <translation>Привести учётную запись в Outlook в соответствие</translation>
    </message>
    <message>
        <source>Certificate of Bridge Manager</source>
        <translation>Сертификат Bridge Manager</translation>
    </message>
    <message>
        <source>Change what is wrong and try again, or discard it.</source>
        <translation>Исправьте ошибку и повторите или откажитесь от отправки.</translation>
    </message>
    <message>
        <source>Changes may be missing</source>
        <translation>Часть изменений могла пропасть</translation>
    </message>
    <message>
        <source>Check both, also upper and lower case, and try again.</source>
        <translation>Проверьте и то и другое, в том числе регистр букв, и повторите попытку.</translation>
    </message>
    <message>
        <source>Check the internet connection, then try again.</source>
        <translation>Проверьте подключение к интернету и повторите попытку.</translation>
    </message>
    <message>
        <source>Check the internet connection. Bridge Manager tries again by itself.</source>
        <translation>Проверьте подключение к интернету. Bridge Manager повторит попытку сам.</translation>
    </message>
    <message>
        <source>Choose Add account</source>
        <translation>Выберите «Добавить учётную запись»</translation>
    </message>
    <message>
        <source>Choose Install, and confirm with your login password if macOS asks</source>
        <translation>Выберите «Установить» и, если macOS спросит, подтвердите паролем для входа</translation>
    </message>
    <message>
        <source>Choose STARTTLS or SSL/TLS for {} in {}.</source>
        <translation>Выберите для {} в {} STARTTLS или SSL/TLS.</translation>
    </message>
    <message>
        <source>Choose STARTTLS or SSL/TLS in its settings.</source>
        <translation>Выберите в её настройках STARTTLS или SSL/TLS.</translation>
    </message>
    <message>
        <source>Choose a paid plan at proton.me, then sign in again.</source>
        <translation>Выберите платный тариф на proton.me и войдите снова.</translation>
    </message>
    <message>
        <source>Choose a port above 1023 in the settings.</source>
        <translation>Выберите в настройках порт выше 1023.</translation>
    </message>
    <message>
        <source>Choose an empty folder.</source>
        <translation>Выберите пустую папку.</translation>
    </message>
    <message>
        <source>Choose another folder with --profile.</source>
        <translation>Укажите другую папку через --profile.</translation>
    </message>
    <message>
        <source>Choose another folder.</source>
        <translation>Выберите другую папку.</translation>
    </message>
    <message>
        <source>Choose another name.</source>
        <translation>Выберите другое имя.</translation>
    </message>
    <message>
        <source>Choose another port in the settings, or close the other program.</source>
        <translation>Выберите другой порт в настройках или закройте ту программу.</translation>
    </message>
    <message>
        <source>Choose one with --address: {}.</source>
        <translation>Выберите один через --address: {}.</translation>
    </message>
    <message>
        <source>Choose one with --target.</source>
        <translation>Выберите один через --target.</translation>
    </message>
    <message>
        <source>Claws Mail</source>
        <translation>Claws Mail</translation>
    </message>
    <message>
        <source>Close Thunderbird: it would overwrite what is written now.</source>
        <translation>Закройте Thunderbird: иначе он перезапишет изменения.</translation>
    </message>
    <message>
        <source>Close it, then try again: it would overwrite what is written now.</source>
        <translation>Закройте её и повторите попытку: иначе она перезапишет изменения.</translation>
    </message>
    <message>
        <source>Close that program, or choose another port.</source>
        <translation>Закройте эту программу или выберите другой порт.</translation>
    </message>
    <message>
        <source>Close {}: it would overwrite what is written now.</source>
        <translation>Закройте {}: иначе программа перезапишет то, что записывается сейчас.</translation>
    </message>
    <message>
        <source>Colours of the window.</source>
        <translation>Цвета окна.</translation>
    </message>
    <message>
        <source>Connect the disk on which it lies and try again, or choose another folder and download the mail anew.</source>
        <translation>Подключите диск, на котором она лежит, и повторите попытку либо выберите другую папку и загрузите почту заново.</translation>
    </message>
    <message>
        <source>Copy each value into the form</source>
        <translation>Скопируйте каждое значение в форму</translation>
    </message>
    <message>
        <source>Copy the new password into {}.</source>
        <translation>Вставьте новый пароль в программу «{}».</translation>
    </message>
    <message>
        <source>Copy the password into {} again.</source>
        <translation>Снова вставьте пароль в программу «{}».</translation>
    </message>
    <message>
        <source>Copy the password into {} again. It is not that of Proton.</source>
        <translation>Скопируйте пароль в {} ещё раз. Это не пароль Proton.</translation>
    </message>
    <message>
        <source>Copy the user name into {} again.</source>
        <translation>Снова вставьте имя пользователя в программу «{}».</translation>
    </message>
    <message>
        <source>Copy user name and password again from the card of the program that complains.</source>
        <translation>Скопируйте имя пользователя и пароль ещё раз с карточки программы, которая сообщает об ошибке.</translation>
    </message>
    <message>
        <source>Copy user name and password into {} again.</source>
        <translation>Снова вставьте имя пользователя и пароль в программу «{}».</translation>
    </message>
    <message>
        <source>Correct the ports in its settings: IMAP is {}, SMTP is {}.</source>
        <translation>Исправьте порты в её настройках: IMAP — {}, SMTP — {}.</translation>
    </message>
    <message>
        <source>Days for which message bodies are kept on this computer; older ones are fetched when they are read. 0: all.</source>
        <translation>Сколько дней хранить тексты писем на этом компьютере; более старые загружаются при чтении. 0: все.</translation>
    </message>
    <message>
        <source>Delete Thunderbird's own copies of the mail, if you do not want to keep them</source>
        <translation>Удалить собственные копии почты Thunderbird, если они вам не нужны</translation>
    </message>
    <message>
        <source>Delete the password that Thunderbird remembers, if no other account there uses it: it is revoked</source>
        <translation>Удалите пароль, который запомнил Thunderbird, если им не пользуется другая учётная запись: он отозван</translation>
    </message>
    <message>
        <source>Disconnected in Bridge Manager.</source>
        <translation>Отключено в Bridge Manager.</translation>
    </message>
    <message>
        <source>Do it again, or do it at proton.me.</source>
        <translation>Повторите действие или выполните его на proton.me.</translation>
    </message>
    <message>
        <source>Double-click the profile of Bridge Manager under Downloaded</source>
        <translation>Дважды щёлкните профиль Bridge Manager в разделе «Загружено»</translation>
    </message>
    <message>
        <source>End it with `bridge-gui quit` first.</source>
        <translation>Сначала завершите его командой bridge-gui quit.</translation>
    </message>
    <message>
        <source>Enter the passphrase, or start with --passphrase-file.</source>
        <translation>Введите парольную фразу или запустите программу с --passphrase-file.</translation>
    </message>
    <message>
        <source>Enter the user name and the password</source>
        <translation>Введите имя пользователя и пароль</translation>
    </message>
    <message>
        <source>Field {} holds a header that is not text.</source>
        <translation>В поле {} есть заголовок, который не является текстом.</translation>
    </message>
    <message>
        <source>Field {} holds something else than numbers.</source>
        <translation>В поле {} не только числа.</translation>
    </message>
    <message>
        <source>Field {} holds something else than text.</source>
        <translation>В поле {} не только текст.</translation>
    </message>
    <message>
        <source>Field {} is missing.</source>
        <translation>Нет поля {}.</translation>
    </message>
    <message>
        <source>Field {} is not a list.</source>
        <translation>Поле {} — не список.</translation>
    </message>
    <message>
        <source>Field {} is not a number.</source>
        <translation>Поле {} — не число.</translation>
    </message>
    <message>
        <source>Field {} is not an object.</source>
        <translation>Поле {} — не объект.</translation>
    </message>
    <message>
        <source>Field {} is not base64.</source>
        <translation>Поле {} — не base64.</translation>
    </message>
    <message>
        <source>Field {} is not text.</source>
        <translation>Поле {} — не текст.</translation>
    </message>
    <message>
        <source>File &gt; Account settings</source>
        <translation>Файл &gt; Настройка учётных записей</translation>
    </message>
    <message>
        <source>File &gt; Account settings &gt; Server settings</source>
        <translation>Файл &gt; Настройка учётных записей &gt; Параметры сервера</translation>
    </message>
    <message>
        <source>Fill in both fields.</source>
        <translation>Заполните оба поля.</translation>
    </message>
    <message>
        <source>Folder of the local copy of the mail; empty: in the profile.</source>
        <translation>Папка с копией почты на этом компьютере; если пусто — в профиле.</translation>
    </message>
    <message>
        <source>Free some space, or keep less mail on this computer (Settings).</source>
        <translation>Освободите место или храните на этом компьютере меньше почты (в настройках).</translation>
    </message>
    <message>
        <source>Free some space. Downloading goes on by itself.</source>
        <translation>Освободите место. Загрузка продолжится сама.</translation>
    </message>
    <message>
        <source>General: server, user name and password. Advanced: encryption STARTTLS, authentication PLAIN, and the port</source>
        <translation>Общие: сервер, имя пользователя и пароль. Дополнительно: шифрование STARTTLS, проверка подлинности PLAIN и порт</translation>
    </message>
    <message>
        <source>Give PEM blocks of the certificate, of its issuers, and of its key without a passphrase.</source>
        <translation>Укажите блоки PEM: сертификат, сертификаты издателей и ключ без парольной фразы.</translation>
    </message>
    <message>
        <source>HTTP {}, code {}</source>
        <translation>HTTP {}, код {}</translation>
    </message>
    <message>
        <source>Have it made for {} and {}.</source>
        <translation>Закажите сертификат для {} и {}.</translation>
    </message>
    <message>
        <source>How much is written to the log.</source>
        <translation>Насколько подробно вести журнал.</translation>
    </message>
    <message>
        <source>IMAP and SMTP cannot share a port.</source>
        <translation>У IMAP и SMTP не может быть одного порта.</translation>
    </message>
    <message>
        <source>IMAP and SMTP cannot share a port; both have their own again.</source>
        <translation>У IMAP и SMTP не может быть одного порта; у каждого снова свой.</translation>
    </message>
    <message>
        <source>If Outlook does not find the settings: Advanced options &gt; Let me set up manually &gt; IMAP</source>
        <translation>Если Outlook не найдёт настройки: Дополнительные параметры &gt; Настроить вручную &gt; IMAP</translation>
    </message>
    <message>
        <source>If a mail program cannot connect, choose STARTTLS or SSL/TLS in its settings.</source>
        <translation>Если почтовая программа не может подключиться, выберите в её настройках STARTTLS или SSL/TLS.</translation>
    </message>
    <message>
        <source>If it was set up here, repair or undo that; else remove it in Thunderbird, then try again.</source>
        <translation>Если он настроен здесь, исправьте или отмените эту настройку; иначе удалите учётную запись в Thunderbird и повторите попытку.</translation>
    </message>
    <message>
        <source>If this stays so, sign in again. The mail on this computer is kept.</source>
        <translation>Если так и останется, войдите снова. Почта на этом компьютере сохранится.</translation>
    </message>
    <message>
        <source>In Claws Mail choose Configuration &gt; Create new account</source>
        <translation>В Claws Mail выберите Настройка &gt; Создать учётную запись</translation>
    </message>
    <message>
        <source>In Evolution choose Edit &gt; Accounts &gt; Add &gt; Mail account, and switch off the look-up of server details</source>
        <translation>В Evolution выберите Правка &gt; Учётные записи &gt; Добавить &gt; Учётная запись почты и отключите поиск параметров сервера</translation>
    </message>
    <message>
        <source>In Geary choose Accounts &gt; Add &gt; Other email provider</source>
        <translation>В Geary выберите Учётные записи &gt; Добавить &gt; Другой поставщик почты</translation>
    </message>
    <message>
        <source>In KMail choose Settings &gt; Configure KMail &gt; Accounts &gt; Receiving &gt; Add &gt; Custom account &gt; IMAP</source>
        <translation>В KMail выберите Настройка &gt; Настроить KMail &gt; Учётные записи &gt; Получение &gt; Добавить &gt; Особая учётная запись &gt; IMAP</translation>
    </message>
    <message>
        <source>In Mailspring choose Preferences &gt; Accounts &gt; Add account &gt; IMAP / SMTP</source>
        <translation>В Mailspring выберите Preferences &gt; Accounts &gt; Add account &gt; IMAP / SMTP</translation>
    </message>
    <message>
        <source>In Outlook choose File &gt; Add account, type the address and choose Connect</source>
        <translation>В Outlook выберите Файл &gt; Добавить учётную запись, введите адрес и нажмите «Подключить»</translation>
    </message>
    <message>
        <source>In Outlook choose Tools &gt; Accounts &gt; +, and type the address</source>
        <translation>В Outlook выберите Инструменты &gt; Учётные записи &gt; + и введите адрес</translation>
    </message>
    <message>
        <source>In your mail program add an account by hand: IMAP for receiving, SMTP for sending</source>
        <translation>В почтовой программе добавьте учётную запись вручную: IMAP для получения, SMTP для отправки</translation>
    </message>
    <message>
        <source>Incoming mail: server and port, security STARTTLS, user name and password</source>
        <translation>Входящая почта: сервер и порт, защита STARTTLS, имя пользователя и пароль</translation>
    </message>
    <message>
        <source>Install Bridge Manager again.</source>
        <translation>Установите Bridge Manager заново.</translation>
    </message>
    <message>
        <source>Install Thunderbird, then try again.</source>
        <translation>Установите Thunderbird и повторите попытку.</translation>
    </message>
    <message>
        <source>Install it there.</source>
        <translation>Установите его там.</translation>
    </message>
    <message>
        <source>Install that version again, or remove the account and add it anew.</source>
        <translation>Установите ту версию снова или удалите учётную запись и добавьте её заново.</translation>
    </message>
    <message>
        <source>Install the newer version again. Nothing was changed.</source>
        <translation>Снова установите более новую версию. Ничего не изменено.</translation>
    </message>
    <message>
        <source>It can be: {}.</source>
        <translation>Возможно: {}.</translation>
    </message>
    <message>
        <source>It does not belong to its password.</source>
        <translation>Оно не подходит к её паролю.</translation>
    </message>
    <message>
        <source>It exists already</source>
        <translation>Уже существует</translation>
    </message>
    <message>
        <source>It hands your password and mail to Microsoft's servers. They cannot reach this computer, so it cannot work, and we advise against trying.</source>
        <translation>Он передаёт ваш пароль и почту серверам Microsoft. Они не могут связаться с этим компьютером, поэтому работать он не будет; пробовать не советуем.</translation>
    </message>
    <message>
        <source>It has to be 0 or at least 50.</source>
        <translation>Нужно 0 или не меньше 50.</translation>
    </message>
    <message>
        <source>It has to be a full path.</source>
        <translation>Нужен полный путь.</translation>
    </message>
    <message>
        <source>It has to be an address that begins with https://.</source>
        <translation>Нужен адрес, который начинается с https://.</translation>
    </message>
    <message>
        <source>It has to be at most 100 visible ASCII characters.</source>
        <translation>Не больше 100 видимых символов ASCII.</translation>
    </message>
    <message>
        <source>It has to be between {} and {}.</source>
        <translation>Нужно число от {} до {}.</translation>
    </message>
    <message>
        <source>It has to look like http://host:port or socks5h://host:port.</source>
        <translation>Он должен выглядеть как http://host:port или socks5h://host:port.</translation>
    </message>
    <message>
        <source>It is not there any more</source>
        <translation>Этого больше нет</translation>
    </message>
    <message>
        <source>It is the second password of the account, not the one for signing in.</source>
        <translation>Это второй пароль учётной записи, а не пароль для входа.</translation>
    </message>
    <message>
        <source>It is tried again by itself.</source>
        <translation>Попытка повторится сама.</translation>
    </message>
    <message>
        <source>It may be {}: not signed in yet.</source>
        <translation>Возможно, это {}: входа ещё не было.</translation>
    </message>
    <message>
        <source>It serves mail to this computer alone. To serve it to the network would show your decrypted mail to it.</source>
        <translation>Он отдаёт почту только этому компьютеру. Открыть его для сети значило бы показать ей вашу расшифрованную почту.</translation>
    </message>
    <message>
        <source>It tried to read mail.</source>
        <translation>Она пыталась читать почту.</translation>
    </message>
    <message>
        <source>It tried to send mail.</source>
        <translation>Она пыталась отправить письмо.</translation>
    </message>
    <message>
        <source>It tried to sign in with an old password, or with another user name.</source>
        <translation>Она пыталась войти со старым паролем или с другим именем пользователя.</translation>
    </message>
    <message>
        <source>It tries again by itself. Report it, so that it is mended.</source>
        <translation>Программа повторит попытку сама. Сообщите об ошибке, чтобы её исправили.</translation>
    </message>
    <message>
        <source>It was left alone for too long.</source>
        <translation>Прошло слишком много времени.</translation>
    </message>
    <message>
        <source>It was renewed, and is refused all the same.</source>
        <translation>Он был обновлён и всё равно отклоняется.</translation>
    </message>
    <message>
        <source>It was replaced by a new one.</source>
        <translation>Он заменён новым.</translation>
    </message>
    <message>
        <source>It was set up for port {}; it is {} now.</source>
        <translation>Она настроена на порт {}, а теперь он {}.</translation>
    </message>
    <message>
        <source>Its addresses: {}</source>
        <translation>Её адреса: {}</translation>
    </message>
    <message>
        <source>Language of the window.</source>
        <translation>Язык окна.</translation>
    </message>
    <message>
        <source>Let Bridge Manager write to its folder, or choose another folder. It tries again by itself.</source>
        <translation>Разрешите Bridge Manager запись в его папку или выберите другую папку. Попытка повторится сама.</translation>
    </message>
    <message>
        <source>Let it read and send, or take another program for sending alone.</source>
        <translation>Разрешите ей читать и отправлять или возьмите для одной лишь отправки другую программу.</translation>
    </message>
    <message>
        <source>Let the firewall or security program of this computer allow connections to 127.0.0.1.</source>
        <translation>Разрешите в брандмауэре или программе защиты этого компьютера подключения к 127.0.0.1.</translation>
    </message>
    <message>
        <source>Let the system set date and time by itself (system settings).</source>
        <translation>Включите автоматическую установку даты и времени в параметрах системы.</translation>
    </message>
    <message>
        <source>Let these mail programs trust the new certificate: {}.</source>
        <translation>Сделайте новый сертификат доверенным в этих почтовых программах: {}.</translation>
    </message>
    <message>
        <source>Locked</source>
        <translation>Заблокировано</translation>
    </message>
    <message>
        <source>Look through the mail that you worked on last, and do again what is missing.</source>
        <translation>Просмотрите почту, с которой вы работали последней, и сделайте заново то, чего не хватает.</translation>
    </message>
    <message>
        <source>Mail programs are served again as soon as it is done.</source>
        <translation>Почтовые программы снова заработают, как только перенос закончится.</translation>
    </message>
    <message>
        <source>Mail programs cannot start the encryption of {}.</source>
        <translation>Почтовые программы не могут начать шифрование {}.</translation>
    </message>
    <message>
        <source>Mail programs have to be told the new port.</source>
        <translation>Укажите новый порт в почтовых программах.</translation>
    </message>
    <message>
        <source>Mail programs sign in with a password of their own, which Bridge Manager made, and not with that of Proton.</source>
        <translation>Почтовые программы входят с собственным паролем, который создал Bridge Manager, а не с паролем Proton.</translation>
    </message>
    <message>
        <source>Mailboxes whose message bodies are kept on this computer, such as INBOX, Sent, Folders/Work; those of others are fetched when they are read. Empty: all.</source>
        <translation>Папки, тексты писем которых хранятся на этом компьютере, например INBOX, Sent, Folders/Work; остальные загружаются при чтении. Пусто: все.</translation>
    </message>
    <message>
        <source>Mailspring cannot compare fingerprints: if it refuses the certificate, tick Allow insecure SSL, which on this computer's own address nobody else can use</source>
        <translation>Mailspring не умеет сравнивать отпечатки: если он не примет сертификат, отметьте Allow insecure SSL; адресом самого компьютера никто другой воспользоваться не может</translation>
    </message>
    <message>
        <source>Make a configuration profile, which is deleted when Mail has signed in or after ten minutes</source>
        <translation>Создать профиль конфигурации; он удалится, когда «Почта» войдёт, или через десять минут</translation>
    </message>
    <message>
        <source>Make the folder named under path first, with cur, new and tmp in it.</source>
        <translation>Сначала создайте папку, указанную в path, а в ней cur, new и tmp.</translation>
    </message>
    <message>
        <source>Make the folder ~/Mail and the one named under Path first, then run mbsync -a.</source>
        <translation>Сначала создайте папку ~/Mail и ту, что указана в Path, затем выполните mbsync -a.</translation>
    </message>
    <message>
        <source>Megabytes of message bodies kept on this computer for each account; 0 keeps everything.</source>
        <translation>Сколько мегабайт писем хранить на этом компьютере для каждой учётной записи; 0 — все письма.</translation>
    </message>
    <message>
        <source>Most downloads at once for each account.</source>
        <translation>Сколько писем одной учётной записи загружать одновременно.</translation>
    </message>
    <message>
        <source>Move the profile to a folder with a plainer name.</source>
        <translation>Переместите профиль в папку с именем попроще.</translation>
    </message>
    <message>
        <source>Name a file in a folder that is there.</source>
        <translation>Укажите файл в существующей папке.</translation>
    </message>
    <message>
        <source>Name and version by which the service knows this application; empty: the usual ones.</source>
        <translation>Название и версия, под которыми приложение известно службе; если пусто — обычные.</translation>
    </message>
    <message>
        <source>Name another file, or copy the text into this one yourself.</source>
        <translation>Укажите другой файл или сами скопируйте текст в этот.</translation>
    </message>
    <message>
        <source>NeoMutt or Mutt</source>
        <translation>NeoMutt или Mutt</translation>
    </message>
    <message>
        <source>No account is signed in.</source>
        <translation>Вход не выполнен ни в одну учётную запись.</translation>
    </message>
    <message>
        <source>No address of this account can be opened</source>
        <translation>Ни один адрес этой учётной записи не открывается</translation>
    </message>
    <message>
        <source>No address of this account can send.</source>
        <translation>Ни один адрес этой учётной записи не может отправлять письма.</translation>
    </message>
    <message>
        <source>No answer came from Proton.</source>
        <translation>Proton не ответил.</translation>
    </message>
    <message>
        <source>No answer came in time.</source>
        <translation>Ответ не пришёл вовремя.</translation>
    </message>
    <message>
        <source>No keychain answers on this computer.</source>
        <translation>На этом компьютере не отвечает ни одна связка ключей.</translation>
    </message>
    <message>
        <source>No keychain was found</source>
        <translation>Связка ключей не найдена</translation>
    </message>
    <message>
        <source>No secure connection to Proton</source>
        <translation>Нет безопасного соединения с Proton</translation>
    </message>
    <message>
        <source>None of the addresses' keys could be opened.</source>
        <translation>Не удалось открыть ключи ни одного адреса.</translation>
    </message>
    <message>
        <source>Not complete</source>
        <translation>Заполнено не всё</translation>
    </message>
    <message>
        <source>Not found</source>
        <translation>Не найдено</translation>
    </message>
    <message>
        <source>Not possible</source>
        <translation>Это невозможно</translation>
    </message>
    <message>
        <source>Nothing needs to be done.</source>
        <translation>Делать ничего не нужно.</translation>
    </message>
    <message>
        <source>Nothing was changed</source>
        <translation>Ничего не изменено</translation>
    </message>
    <message>
        <source>Nothing was deleted. Restore the file from a backup, or start anew and sign in again.</source>
        <translation>Ничего не удалено. Восстановите файл из резервной копии или начните заново и войдите снова.</translation>
    </message>
    <message>
        <source>Nothing was signed in. Try another network, or check the address of the service in the settings.</source>
        <translation>Вход не выполнен. Попробуйте другую сеть или проверьте адрес службы в настройках.</translation>
    </message>
    <message>
        <source>On a telephone use Proton's own app.</source>
        <translation>На телефоне пользуйтесь приложением самого Proton.</translation>
    </message>
    <message>
        <source>One more check</source>
        <translation>Ещё одна проверка</translation>
    </message>
    <message>
        <source>Only {} are free on the disk.</source>
        <translation>На диске свободно только {}.</translation>
    </message>
    <message>
        <source>Open Mail: the account is there, and asks nothing</source>
        <translation>Откройте «Почту»: учётная запись уже там и ни о чём не спрашивает</translation>
    </message>
    <message>
        <source>Open the contact in Proton Mail and save it again, then send once more.</source>
        <translation>Откройте контакт в Proton Mail, сохраните его ещё раз и повторите отправку.</translation>
    </message>
    <message>
        <source>Open the keychain in which it was stored, or restore it from a backup. Starting anew means signing in again; nothing is deleted by itself.</source>
        <translation>Откройте связку ключей, в которой он хранился, или восстановите её из резервной копии. Если начать заново, придётся снова войти; само ничего не удаляется.</translation>
    </message>
    <message>
        <source>Open the list of profiles; it may have come to the front by itself</source>
        <translation>Откройте список профилей; возможно, он уже открылся сам</translation>
    </message>
    <message>
        <source>Open the page in the browser, solve the task there, and go on here.</source>
        <translation>Откройте страницу в браузере, выполните задание и вернитесь сюда.</translation>
    </message>
    <message>
        <source>Outgoing mail: server and port, security STARTTLS, user name and password</source>
        <translation>Исходящая почта: сервер и порт, защита STARTTLS, имя пользователя и пароль</translation>
    </message>
    <message>
        <source>Outlook (classic)</source>
        <translation>Outlook (классический)</translation>
    </message>
    <message>
        <source>Outlook (new)</source>
        <translation>Outlook (новый)</translation>
    </message>
    <message>
        <source>Outlook runs on Windows and on a Mac only</source>
        <translation>Outlook работает только в Windows и на Mac</translation>
    </message>
    <message>
        <source>Passwords restored</source>
        <translation>Пароли восстановлены</translation>
    </message>
    <message>
        <source>Paste the password when Outlook asks, and tick that it is to be remembered</source>
        <translation>Вставьте пароль, когда его спросит Outlook, и отметьте, что его нужно запомнить</translation>
    </message>
    <message>
        <source>Point Outlook to that file until it has signed in; then the former values are put back</source>
        <translation>Указать Outlook на этот файл, пока он не войдёт; затем прежние значения возвращаются</translation>
    </message>
    <message>
        <source>Port on which mail programs read mail (IMAP).</source>
        <translation>Порт, через который почтовые программы читают почту (IMAP).</translation>
    </message>
    <message>
        <source>Port on which mail programs send mail (SMTP).</source>
        <translation>Порт, через который почтовые программы отправляют почту (SMTP).</translation>
    </message>
    <message>
        <source>Port {} is kept for administrators.</source>
        <translation>Порт {} доступен только администраторам.</translation>
    </message>
    <message>
        <source>Port {} is used by another program</source>
        <translation>Порт {} занят другой программой</translation>
    </message>
    <message>
        <source>Port {} is used by {}</source>
        <translation>Порт {} занимает {}</translation>
    </message>
    <message>
        <source>Port {} of {} is used by another program.</source>
        <translation>Порт {} адреса {} занят другой программой.</translation>
    </message>
    <message>
        <source>Proton Mail Bridge</source>
        <translation>Proton Mail Bridge</translation>
    </message>
    <message>
        <source>Proton allows a bridge only for accounts with a paid mail plan.</source>
        <translation>Proton разрешает мост только учётным записям с платным почтовым тарифом.</translation>
    </message>
    <message>
        <source>Proton answered with an error</source>
        <translation>Proton ответил ошибкой</translation>
    </message>
    <message>
        <source>Proton answered with status {}.</source>
        <translation>Proton ответил с кодом {}.</translation>
    </message>
    <message>
        <source>Proton asks for a check of this device</source>
        <translation>Proton просит проверить это устройство</translation>
    </message>
    <message>
        <source>Proton asks for a check that only its own apps can answer.</source>
        <translation>Proton просит пройти проверку, доступную только в его собственных приложениях.</translation>
    </message>
    <message>
        <source>Proton asks for a new sign-in</source>
        <translation>Proton просит войти снова</translation>
    </message>
    <message>
        <source>Proton asks once more.</source>
        <translation>Proton просит пройти проверку ещё раз.</translation>
    </message>
    <message>
        <source>Proton asks to sign in with the account's password.</source>
        <translation>Proton просит войти с паролем учётной записи.</translation>
    </message>
    <message>
        <source>Proton asks to wait</source>
        <translation>Proton просит подождать</translation>
    </message>
    <message>
        <source>Proton cannot be reached</source>
        <translation>Нет связи с Proton</translation>
    </message>
    <message>
        <source>Proton cannot be reached; the message waits in the outbox.</source>
        <translation>Нет связи с Proton; письмо ждёт в исходящих.</translation>
    </message>
    <message>
        <source>Proton did not accept the check in the browser.</source>
        <translation>Proton не принял проверку в браузере.</translation>
    </message>
    <message>
        <source>Proton did not accept what a mail program did with {}.</source>
        <translation>Proton не принял то, что почтовая программа сделала с {}.</translation>
    </message>
    <message>
        <source>Proton did not accept what a mail program did with {}: {}</source>
        <translation>Proton не принял то, что почтовая программа сделала с {}: {}</translation>
    </message>
    <message>
        <source>Proton does not accept this code.</source>
        <translation>Proton не принимает этот код.</translation>
    </message>
    <message>
        <source>Proton does not accept this user name and password.</source>
        <translation>Proton не принимает такое имя пользователя и пароль.</translation>
    </message>
    <message>
        <source>Proton does not accept this version of Bridge Manager any more.</source>
        <translation>Proton больше не принимает эту версию Bridge Manager.</translation>
    </message>
    <message>
        <source>Proton does not have it, or does not allow it.</source>
        <translation>У Proton этого нет, или это запрещено.</translation>
    </message>
    <message>
        <source>Proton does not know the place in the account's list of changes.</source>
        <translation>Proton не знает, до какого места прочитан список изменений учётной записи.</translation>
    </message>
    <message>
        <source>Proton has disabled this account.</source>
        <translation>Proton отключил эту учётную запись.</translation>
    </message>
    <message>
        <source>Proton has ended this session.</source>
        <translation>Proton завершил этот сеанс.</translation>
    </message>
    <message>
        <source>Proton has restricted this account.</source>
        <translation>Proton ограничил эту учётную запись.</translation>
    </message>
    <message>
        <source>Proton has trouble</source>
        <translation>У Proton неполадки</translation>
    </message>
    <message>
        <source>Proton lists other recipients than those given. Nothing was sent.</source>
        <translation>Proton назвал не тех получателей, что были указаны. Ничего не отправлено.</translation>
    </message>
    <message>
        <source>Proton received too many requests, or is overloaded.</source>
        <translation>Proton получил слишком много запросов или перегружен.</translation>
    </message>
    <message>
        <source>Proton refused it: {}</source>
        <translation>Proton отказал: {}</translation>
    </message>
    <message>
        <source>Proton refused this</source>
        <translation>Proton отказал</translation>
    </message>
    <message>
        <source>Proton refuses the message: {}</source>
        <translation>Proton не принимает письмо: {}</translation>
    </message>
    <message>
        <source>Proton refuses this session</source>
        <translation>Proton отклоняет этот сеанс</translation>
    </message>
    <message>
        <source>Proton says about {}: {}</source>
        <translation>Proton сообщает о {}: {}</translation>
    </message>
    <message>
        <source>Proton takes reports only from somebody whom it can answer.</source>
        <translation>Proton принимает сообщения только от тех, кому может ответить.</translation>
    </message>
    <message>
        <source>Proton wants to know that you are human</source>
        <translation>Proton хочет убедиться, что вы человек</translation>
    </message>
    <message>
        <source>Proton's answer cannot be read</source>
        <translation>Ответ Proton не читается</translation>
    </message>
    <message>
        <source>Proton's server failed.</source>
        <translation>Произошёл сбой на сервере Proton.</translation>
    </message>
    <message>
        <source>Proxy for reaching Proton; empty: the system's.</source>
        <translation>Прокси-сервер для связи с Proton; если пусто — системный.</translation>
    </message>
    <message>
        <source>Put this into the program's configuration</source>
        <translation>Вставьте это в настройки программы</translation>
    </message>
    <message>
        <source>Reach Proton by other ways when its addresses are blocked.</source>
        <translation>Связываться с Proton обходными путями, когда его адреса заблокированы.</translation>
    </message>
    <message>
        <source>Receiving email: server type IMAP, encryption STARTTLS after connecting, authentication Password</source>
        <translation>Получение почты: тип сервера IMAP, шифрование STARTTLS после подключения, аутентификация по паролю</translation>
    </message>
    <message>
        <source>Receiving: security STARTTLS or SSL/TLS, both work on the same port; authentication: normal password</source>
        <translation>Получение: защита STARTTLS или SSL/TLS, обе работают на одном порту; аутентификация: обычный пароль</translation>
    </message>
    <message>
        <source>Receiving: the server with its port after a colon, connection security StartTLS</source>
        <translation>Получение: сервер и порт через двоеточие, защита соединения StartTLS</translation>
    </message>
    <message>
        <source>Reconnect the mail programs.</source>
        <translation>Подключите почтовые программы заново.</translation>
    </message>
    <message>
        <source>Remove the account in Outlook</source>
        <translation>Удалите учётную запись в Outlook</translation>
    </message>
    <message>
        <source>Remove the account in the program itself: Bridge Manager has written nothing there</source>
        <translation>Удалите учётную запись в самой программе: Bridge Manager ничего в неё не записывал</translation>
    </message>
    <message>
        <source>Renew it in the settings.</source>
        <translation>Обновите его в настройках.</translation>
    </message>
    <message>
        <source>Renew the certificate.</source>
        <translation>Обновите сертификат.</translation>
    </message>
    <message>
        <source>Repair the account: its mail is compared with Proton's anew. Nothing is lost.</source>
        <translation>Исправьте учётную запись: её почта будет заново сверена с Proton. Ничего не потеряется.</translation>
    </message>
    <message>
        <source>Repair the account: its mail is downloaded again. Nothing at Proton is touched.</source>
        <translation>Исправьте учётную запись: её почта загрузится заново. В Proton ничего не изменится.</translation>
    </message>
    <message>
        <source>Repair the set-up of {}.</source>
        <translation>Исправьте настройку программы «{}».</translation>
    </message>
    <message>
        <source>Restart Bridge Manager.</source>
        <translation>Перезапустите Bridge Manager.</translation>
    </message>
    <message>
        <source>Revoke it if it is not used.</source>
        <translation>Отзовите пароль, если она не нужна.</translation>
    </message>
    <message>
        <source>Save this as a file</source>
        <translation>Сохраните это в файл</translation>
    </message>
    <message>
        <source>Security keys are not supported</source>
        <translation>Ключи безопасности не поддерживаются</translation>
    </message>
    <message>
        <source>Select the profile of Bridge Manager and remove it; its account in Mail goes with it</source>
        <translation>Выберите профиль Bridge Manager и удалите его; вместе с ним исчезнет учётная запись в «Почте»</translation>
    </message>
    <message>
        <source>Send: SMTP authentication, PLAIN. SSL/TLS: Use STARTTLS for sending. Advanced: the SMTP port</source>
        <translation>Отправка: аутентификация SMTP, PLAIN. SSL/TLS: «Использовать STARTTLS» для отправки. Дополнительно: порт SMTP</translation>
    </message>
    <message>
        <source>Sender noted.</source>
        <translation>Отправитель принят.</translation>
    </message>
    <message>
        <source>Sending email: server type SMTP, Server requires authentication, encryption STARTTLS after connecting</source>
        <translation>Отправка почты: тип сервера SMTP, сервер требует аутентификации, шифрование STARTTLS после подключения</translation>
    </message>
    <message>
        <source>Sending: security STARTTLS or SSL/TLS; authentication: normal password, with the same user name</source>
        <translation>Отправка: защита STARTTLS или SSL/TLS; аутентификация: обычный пароль, имя пользователя то же</translation>
    </message>
    <message>
        <source>Sending: the server with its port after a colon, StartTLS, login: use the one for receiving</source>
        <translation>Отправка: сервер и порт через двоеточие, StartTLS, вход — как для получения</translation>
    </message>
    <message>
        <source>Sent already; it was not sent again.</source>
        <translation>Уже отправлено; повторной отправки не было.</translation>
    </message>
    <message>
        <source>Set it up again, or let it trust the certificate (Settings).</source>
        <translation>Настройте её заново или сделайте сертификат доверенным в ней (Настройки).</translation>
    </message>
    <message>
        <source>Set the application version in the settings.</source>
        <translation>Укажите версию приложения в настройках.</translation>
    </message>
    <message>
        <source>Set up {}, and look at its own error message.</source>
        <translation>Настройте программу «{}» и посмотрите, что она сообщает об ошибке.</translation>
    </message>
    <message>
        <source>Settings &gt; Privacy &amp; Security &gt; Saved Passwords, {}</source>
        <translation>Настройки &gt; Приватность и защита &gt; Сохранённые пароли, {}</translation>
    </message>
    <message>
        <source>Show the mailbox All Mail, which holds every message, to mail programs.</source>
        <translation>Показывать почтовым программам папку «Вся почта» (All Mail), в которой есть каждое письмо.</translation>
    </message>
    <message>
        <source>Sign in again with the password that opens the mailbox.</source>
        <translation>Войдите снова с паролем, который открывает почтовый ящик.</translation>
    </message>
    <message>
        <source>Sign in again.</source>
        <translation>Войдите снова.</translation>
    </message>
    <message>
        <source>Sign in again. The mail on this computer is kept.</source>
        <translation>Войдите снова. Почта на этом компьютере останется.</translation>
    </message>
    <message>
        <source>Sign in again: Proton then shows its check in the browser.</source>
        <translation>Войдите ещё раз: Proton покажет свою проверку в браузере.</translation>
    </message>
    <message>
        <source>Sign in at proton.me and look under Settings, Encryption and keys, whether keys are inactive.</source>
        <translation>Войдите на proton.me и посмотрите в разделе «Настройки», «Шифрование и ключи», нет ли неактивных ключей.</translation>
    </message>
    <message>
        <source>Sign in at proton.me to see why, or ask Proton's support.</source>
        <translation>Войдите на proton.me, чтобы узнать причину, или обратитесь в поддержку Proton.</translation>
    </message>
    <message>
        <source>Sign in at proton.me with a browser from this network, wait a while, then try again here.</source>
        <translation>Войдите на proton.me через браузер из этой же сети, немного подождите и повторите попытку здесь.</translation>
    </message>
    <message>
        <source>Sign in at proton.me, reactivate the keys under Encryption and keys, then try again here.</source>
        <translation>Войдите на proton.me, активируйте ключи в разделе «Шифрование и ключи» и повторите попытку здесь.</translation>
    </message>
    <message>
        <source>Sign in first.</source>
        <translation>Сначала войдите.</translation>
    </message>
    <message>
        <source>Sign in once more and solve the new task.</source>
        <translation>Войдите ещё раз и выполните новое задание.</translation>
    </message>
    <message>
        <source>Sign in to an account first, or save the report as a file.</source>
        <translation>Сначала войдите в учётную запись или сохраните сообщение в файл.</translation>
    </message>
    <message>
        <source>Sign in to one.</source>
        <translation>Войдите в учётную запись.</translation>
    </message>
    <message>
        <source>Sign in with user name and password.</source>
        <translation>Войдите с именем пользователя и паролем.</translation>
    </message>
    <message>
        <source>Signed out</source>
        <translation>Вход не выполнен</translation>
    </message>
    <message>
        <source>Solve the task in the browser again.</source>
        <translation>Выполните задание в браузере ещё раз.</translation>
    </message>
    <message>
        <source>Something between mail programs and {} takes the encryption away.</source>
        <translation>Что-то между почтовыми программами и {} убирает шифрование.</translation>
    </message>
    <message>
        <source>Something between this computer and Proton answers in its place, such as a proxy, a virus scanner or a hotel's sign-in page. Try another network.</source>
        <translation>Вместо Proton отвечает что-то другое: прокси-сервер, антивирус или страница входа в сеть, например в гостинице. Попробуйте другую сеть.</translation>
    </message>
    <message>
        <source>Something of this name exists already.</source>
        <translation>Такое имя уже занято.</translation>
    </message>
    <message>
        <source>Something opens the encryption of {}: its certificate was issued by {}.</source>
        <translation>Что-то вскрывает шифрование {}: сертификат выдан {}.</translation>
    </message>
    <message>
        <source>Something unexpected happened ({}).</source>
        <translation>Произошло нечто непредвиденное ({}).</translation>
    </message>
    <message>
        <source>Start Thunderbird once, close it again, then try again.</source>
        <translation>Запустите Thunderbird, снова закройте и повторите попытку.</translation>
    </message>
    <message>
        <source>Start Thunderbird once, close it, then try again.</source>
        <translation>Запустите Thunderbird, закройте его и повторите попытку.</translation>
    </message>
    <message>
        <source>Start Thunderbird once, without a window, so that it makes its profile</source>
        <translation>Один раз запустить Thunderbird без окна, чтобы он создал профиль</translation>
    </message>
    <message>
        <source>Start aerc with SSL_CERT_FILE set to the file of the certificate: it has no setting of its own for it.</source>
        <translation>Запускайте aerc с переменной SSL_CERT_FILE, в которой указан файл сертификата: своей настройки для него нет.</translation>
    </message>
    <message>
        <source>Start again.</source>
        <translation>Начните сначала.</translation>
    </message>
    <message>
        <source>Start it with `bridge-gui`, or without a window with `bridge-gui serve`.</source>
        <translation>Запустите его командой bridge-gui или, без окна, bridge-gui serve.</translation>
    </message>
    <message>
        <source>Start the keychain of this computer, or use a passphrase instead.</source>
        <translation>Запустите связку ключей этого компьютера или используйте парольную фразу.</translation>
    </message>
    <message>
        <source>Start the sign-in again.</source>
        <translation>Начните вход заново.</translation>
    </message>
    <message>
        <source>Start with --demo, or choose another profile.</source>
        <translation>Запустите с --demo или выберите другой профиль.</translation>
    </message>
    <message>
        <source>Start with the computer's desktop.</source>
        <translation>Запускать вместе с рабочим столом.</translation>
    </message>
    <message>
        <source>Start {}. If it runs and says that it cannot connect, open the Doctor.</source>
        <translation>Запустите {}. Если программа работает, но не может подключиться, откройте «Диагностику».</translation>
    </message>
    <message>
        <source>Starting anew is only for stored passwords that nothing opens any more.</source>
        <translation>Начать заново можно, только если сохранённые пароли больше ничем не открыть.</translation>
    </message>
    <message>
        <source>Still busy</source>
        <translation>Ещё не готово</translation>
    </message>
    <message>
        <source>Store the password, encrypted under the profile's key; one saved for the same account is replaced</source>
        <translation>Сохранить пароль, зашифровав его ключом профиля; прежний пароль той же учётной записи будет заменён</translation>
    </message>
    <message>
        <source>Switch New Outlook off in its window, and set up the classic one; or take Thunderbird.</source>
        <translation>Выключите новый Outlook в его окне и настройте классический или возьмите Thunderbird.</translation>
    </message>
    <message>
        <source>Switch off the mail shield of the security program on this computer, at least for 127.0.0.1.</source>
        <translation>Отключите почтовый экран программы защиты на этом компьютере, хотя бы для 127.0.0.1.</translation>
    </message>
    <message>
        <source>System Preferences &gt; Profiles</source>
        <translation>Системные настройки &gt; Профили</translation>
    </message>
    <message>
        <source>System Settings &gt; General &gt; Device Management</source>
        <translation>Системные настройки &gt; Основные &gt; Управление устройствами</translation>
    </message>
    <message>
        <source>System Settings &gt; Privacy &amp; Security &gt; Profiles</source>
        <translation>Системные настройки &gt; Конфиденциальность и безопасность &gt; Профили</translation>
    </message>
    <message>
        <source>Take mail while offline and send it later; otherwise the mail program is told to try again.</source>
        <translation>Принимать письма без связи и отправлять их позже; иначе почтовой программе предлагается повторить попытку.</translation>
    </message>
    <message>
        <source>Telephone</source>
        <translation>Телефон</translation>
    </message>
    <message>
        <source>Tell when a mail program is refused, for example with an old password.</source>
        <translation>Сообщать, когда почтовой программе отказано, например из-за старого пароля.</translation>
    </message>
    <message>
        <source>Tell when a message that a mail program handed over was not sent.</source>
        <translation>Сообщать, когда письмо, переданное почтовой программой, не отправлено.</translation>
    </message>
    <message>
        <source>Tell when an account, or something of this computer, needs somebody.</source>
        <translation>Сообщать, когда учётная запись или что-то на этом компьютере требует внимания.</translation>
    </message>
    <message>
        <source>The DNS answer is a question.</source>
        <translation>Вместо ответа DNS пришёл запрос.</translation>
    </message>
    <message>
        <source>The DNS answer is cut short.</source>
        <translation>Ответ DNS обрывается.</translation>
    </message>
    <message>
        <source>The account did not get there in time.</source>
        <translation>Учётная запись не успела подготовиться.</translation>
    </message>
    <message>
        <source>The account is not connected to Proton at the moment.</source>
        <translation>Учётная запись сейчас не связана с Proton.</translation>
    </message>
    <message>
        <source>The account is not connected yet.</source>
        <translation>Учётная запись ещё не подключена.</translation>
    </message>
    <message>
        <source>The account is signed out.</source>
        <translation>Вход в учётную запись не выполнен.</translation>
    </message>
    <message>
        <source>The account is signed out. Sign in again in Bridge Manager.</source>
        <translation>Вход в учётную запись не выполнен. Войдите снова в Bridge Manager.</translation>
    </message>
    <message>
        <source>The account of this password is not ready yet. Look at Bridge Manager.</source>
        <translation>Учётная запись с этим паролем ещё не готова. Посмотрите в Bridge Manager.</translation>
    </message>
    <message>
        <source>The account {} was removed in Thunderbird.</source>
        <translation>Учётная запись {} удалена в Thunderbird.</translation>
    </message>
    <message>
        <source>The account's changes cannot be followed any more</source>
        <translation>Изменения в учётной записи больше не отслеживаются</translation>
    </message>
    <message>
        <source>The account's keys cannot be read.</source>
        <translation>Ключи учётной записи не читаются.</translation>
    </message>
    <message>
        <source>The account's keys use algorithms that cannot be read here.</source>
        <translation>Ключи учётной записи используют алгоритмы, которые здесь не поддерживаются.</translation>
    </message>
    <message>
        <source>The account's local copy is not open.</source>
        <translation>Копия почты этой учётной записи не открыта.</translation>
    </message>
    <message>
        <source>The account's salt is too short.</source>
        <translation>Соль учётной записи слишком коротка.</translation>
    </message>
    <message>
        <source>The account's sign-in has version {}, which is not known here.</source>
        <translation>Версия входа этой учётной записи — {}; здесь она не известна.</translation>
    </message>
    <message>
        <source>The address mode of this account was changed.</source>
        <translation>Режим адресов этой учётной записи изменён.</translation>
    </message>
    <message>
        <source>The addresses in {} cannot be read.</source>
        <translation>Адреса в поле {} не читаются.</translation>
    </message>
    <message>
        <source>The addresses of this account are not known yet.</source>
        <translation>Адреса этой учётной записи пока неизвестны.</translation>
    </message>
    <message>
        <source>The answer cannot be decompressed.</source>
        <translation>Ответ не распаковывается.</translation>
    </message>
    <message>
        <source>The answer is larger than any that is expected.</source>
        <translation>Ответ больше любого ожидаемого.</translation>
    </message>
    <message>
        <source>The answer is not JSON.</source>
        <translation>Ответ — не JSON.</translation>
    </message>
    <message>
        <source>The answer is not what Proton would send.</source>
        <translation>Proton не мог прислать такой ответ.</translation>
    </message>
    <message>
        <source>The answer to an import lacks one of the messages.</source>
        <translation>В ответе на импорт нет одного из писем.</translation>
    </message>
    <message>
        <source>The application version is missing</source>
        <translation>Не указана версия приложения</translation>
    </message>
    <message>
        <source>The attachment cannot be decompressed.</source>
        <translation>Вложение не распаковывается.</translation>
    </message>
    <message>
        <source>The attachments are larger than the {} MB this account allows.</source>
        <translation>Вложения больше {} МБ, которые разрешены этой учётной записи.</translation>
    </message>
    <message>
        <source>The certificate cannot be read.</source>
        <translation>Сертификат не читается.</translation>
    </message>
    <message>
        <source>The certificate ends on {}.</source>
        <translation>Срок сертификата истекает {}.</translation>
    </message>
    <message>
        <source>The certificate is not for {}, the address that mail programs connect to.</source>
        <translation>Сертификат выдан не для {} — адреса, к которому подключаются почтовые программы.</translation>
    </message>
    <message>
        <source>The certificate is not trusted</source>
        <translation>Сертификату нет доверия</translation>
    </message>
    <message>
        <source>The certificate is not valid today.</source>
        <translation>Сертификат сегодня недействителен.</translation>
    </message>
    <message>
        <source>The certificate is that of an authority, which mail programs do not take for a server's.</source>
        <translation>Это сертификат удостоверяющего центра; почтовые программы не принимают его как сертификат сервера.</translation>
    </message>
    <message>
        <source>The certificate is valid until {}.</source>
        <translation>Сертификат действует до {}.</translation>
    </message>
    <message>
        <source>The certificate shown is not Proton's.</source>
        <translation>Предъявлен сертификат не от Proton.</translation>
    </message>
    <message>
        <source>The certificate that {} shows does not stand the checks of mail programs.</source>
        <translation>Сертификат {} не проходит проверку почтовых программ.</translation>
    </message>
    <message>
        <source>The certificate was renewed</source>
        <translation>Сертификат обновлён</translation>
    </message>
    <message>
        <source>The certificate was renewed since it was set up.</source>
        <translation>После настройки программы сертификат обновился.</translation>
    </message>
    <message>
        <source>The check was not accepted</source>
        <translation>Проверка не принята</translation>
    </message>
    <message>
        <source>The clock of this computer agrees with Proton's.</source>
        <translation>Часы этого компьютера идут так же, как у Proton.</translation>
    </message>
    <message>
        <source>The clock of this computer is {} fast.</source>
        <translation>Часы этого компьютера спешат на {}.</translation>
    </message>
    <message>
        <source>The clock of this computer is {} slow.</source>
        <translation>Часы этого компьютера отстают на {}.</translation>
    </message>
    <message>
        <source>The clock of this computer was set back: it shows a time that was before the last use.</source>
        <translation>Часы этого компьютера переведены назад: они показывают время до последнего использования.</translation>
    </message>
    <message>
        <source>The code has six digits.</source>
        <translation>В коде шесть цифр.</translation>
    </message>
    <message>
        <source>The connection was cut within an attachment.</source>
        <translation>Соединение оборвалось на середине вложения.</translation>
    </message>
    <message>
        <source>The contact of {} asks for encryption, but holds no key. Add one in Proton Mail.</source>
        <translation>Для {} включено шифрование, но ключа в контакте нет. Добавьте его в Proton Mail.</translation>
    </message>
    <message>
        <source>The contact of {} cannot be used. {} {}</source>
        <translation>Контакт {} использовать нельзя. {} {}</translation>
    </message>
    <message>
        <source>The contact's card cannot be read.</source>
        <translation>Карточка контакта не читается.</translation>
    </message>
    <message>
        <source>The contact's card has no signature.</source>
        <translation>У карточки контакта нет подписи.</translation>
    </message>
    <message>
        <source>The contact's settings cannot be trusted</source>
        <translation>Настройкам контакта нельзя доверять</translation>
    </message>
    <message>
        <source>The content of the stored passwords is not understood ({}).</source>
        <translation>Содержимое сохранённых паролей непонятно ({}).</translation>
    </message>
    <message>
        <source>The core has ended.</source>
        <translation>Фоновая часть программы завершилась.</translation>
    </message>
    <message>
        <source>The demonstration account asks for more than its password.</source>
        <translation>Демонстрационной учётной записи недостаточно пароля.</translation>
    </message>
    <message>
        <source>The disk is full</source>
        <translation>Диск заполнен</translation>
    </message>
    <message>
        <source>The entry for starting with the desktop could not be changed: {}.</source>
        <translation>Не удалось изменить запуск вместе с рабочим столом: {}.</translation>
    </message>
    <message>
        <source>The file does not hold a certificate with its key ({}).</source>
        <translation>В файле нет сертификата с ключом ({}).</translation>
    </message>
    <message>
        <source>The file of stored passwords does not say its version.</source>
        <translation>В файле сохранённых паролей не указана его версия.</translation>
    </message>
    <message>
        <source>The file of stored passwords is not one of ours, or was cut short.</source>
        <translation>Файл сохранённых паролей создан не нами или обрывается.</translation>
    </message>
    <message>
        <source>The file of stored passwords was changed or damaged.</source>
        <translation>Файл сохранённых паролей изменён или повреждён.</translation>
    </message>
    <message>
        <source>The file of stored passwords was cut short.</source>
        <translation>Файл сохранённых паролей обрывается.</translation>
    </message>
    <message>
        <source>The file of stored passwords was damaged. Its last good copy is in use; the newest change may be lost.</source>
        <translation>Файл сохранённых паролей был повреждён. Используется его последняя исправная копия; самое новое изменение могло потеряться.</translation>
    </message>
    <message>
        <source>The file {} cannot be read: {}.</source>
        <translation>Файл {} не читается: {}.</translation>
    </message>
    <message>
        <source>The file {} of Bridge Manager itself is missing.</source>
        <translation>Нет файла {} самой программы Bridge Manager.</translation>
    </message>
    <message>
        <source>The folder of the mail is missing</source>
        <translation>Папки с почтой нет</translation>
    </message>
    <message>
        <source>The folder {} cannot be made or used: {}.</source>
        <translation>Папку {} нельзя создать или использовать: {}.</translation>
    </message>
    <message>
        <source>The head of the file of stored passwords cannot be read.</source>
        <translation>Начало файла сохранённых паролей не читается.</translation>
    </message>
    <message>
        <source>The key does not belong to the first certificate.</source>
        <translation>Ключ не относится к первому сертификату.</translation>
    </message>
    <message>
        <source>The key in the keychain was changed by something else.</source>
        <translation>Ключ в связке ключей изменило что-то другое.</translation>
    </message>
    <message>
        <source>The key of the stored passwords is missing</source>
        <translation>Нет ключа к сохранённым паролям</translation>
    </message>
    <message>
        <source>The key of the stored passwords lies in the keychain, which was not asked.</source>
        <translation>Ключ к сохранённым паролям лежит в связке ключей, но к ней не обращались.</translation>
    </message>
    <message>
        <source>The key of {} has expired, was revoked or cannot be used, so nothing was sent.</source>
        <translation>Ключ получателя {} просрочен, отозван или непригоден, поэтому ничего не отправлено.</translation>
    </message>
    <message>
        <source>The key of {} is locked, so nothing can be sent from it.</source>
        <translation>Ключ адреса {} закрыт, поэтому отправлять с него нельзя.</translation>
    </message>
    <message>
        <source>The key that Proton gives for {} is not one of those trusted in the contact, so nothing was sent. Compare the keys with the recipient, then change the contact in Proton Mail.</source>
        <translation>Ключ, который Proton даёт для {}, не входит в доверенные ключи контакта, поэтому ничего не отправлено. Сверьте ключи с получателем и измените контакт в Proton Mail.</translation>
    </message>
    <message>
        <source>The key that signs the sign-in's modulus is not Proton's.</source>
        <translation>Модуль входа подписан ключом не от Proton.</translation>
    </message>
    <message>
        <source>The key's token is not signed by the account ({}).</source>
        <translation>Токен ключа не подписан учётной записью ({}).</translation>
    </message>
    <message>
        <source>The keychain answers, but the key of the stored passwords is not in it.</source>
        <translation>Связка ключей отвечает, но ключа к сохранённым паролям в ней нет.</translation>
    </message>
    <message>
        <source>The keychain is locked</source>
        <translation>Связка ключей заблокирована</translation>
    </message>
    <message>
        <source>The keychain of this computer does not answer ({}).</source>
        <translation>Связка ключей этого компьютера не отвечает ({}).</translation>
    </message>
    <message>
        <source>The keychain of this computer does not keep what it is given.</source>
        <translation>Связка ключей этого компьютера не сохраняет то, что ей передают.</translation>
    </message>
    <message>
        <source>The keychain of this computer is locked or has not been set up.</source>
        <translation>Связка ключей этого компьютера заблокирована или не настроена.</translation>
    </message>
    <message>
        <source>The keychain of this computer is locked.</source>
        <translation>Связка ключей этого компьютера заблокирована.</translation>
    </message>
    <message>
        <source>The keychain of this computer refused.</source>
        <translation>Связка ключей этого компьютера отказала.</translation>
    </message>
    <message>
        <source>The keychain refused</source>
        <translation>Связка ключей отказала</translation>
    </message>
    <message>
        <source>The keys are of a new kind</source>
        <translation>Ключи нового вида</translation>
    </message>
    <message>
        <source>The keys stay locked</source>
        <translation>Ключи остались закрытыми</translation>
    </message>
    <message>
        <source>The local copy of the mail cannot be used</source>
        <translation>Копией почты на этом компьютере нельзя пользоваться</translation>
    </message>
    <message>
        <source>The local copy of the mail cannot be written</source>
        <translation>Локальную копию почты нельзя записать</translation>
    </message>
    <message>
        <source>The local copy of the mail is being moved.</source>
        <translation>Копия почты переносится.</translation>
    </message>
    <message>
        <source>The local copy of the mail is damaged</source>
        <translation>Копия почты на этом компьютере повреждена</translation>
    </message>
    <message>
        <source>The local copy was damaged, and not all of it could be read. What mail programs had changed and Proton had not heard of, and mail that waited to be sent, may be missing.</source>
        <translation>Локальная копия была повреждена, и прочитать её удалось не целиком. Изменения, которые почтовые программы сделали и о которых Proton ещё не узнал, и письма, ждавшие отправки, могли пропасть.</translation>
    </message>
    <message>
        <source>The local copy was made by a newer version of this program</source>
        <translation>Локальная копия создана более новой версией этой программы</translation>
    </message>
    <message>
        <source>The mail cannot be moved to {}: {}.</source>
        <translation>Почту нельзя перенести в {}: {}.</translation>
    </message>
    <message>
        <source>The mail in {} cannot be deleted: {}.</source>
        <translation>Почту в {} нельзя удалить: {}.</translation>
    </message>
    <message>
        <source>The mail is moved to its new folder</source>
        <translation>Почта переносится в новую папку</translation>
    </message>
    <message>
        <source>The message is in the outbox already.</source>
        <translation>Письмо уже в исходящих.</translation>
    </message>
    <message>
        <source>The new Outlook cannot work with Bridge Manager</source>
        <translation>Новый Outlook не работает с Bridge Manager</translation>
    </message>
    <message>
        <source>The new folder may not lie within the old one, nor around it.</source>
        <translation>Новая папка не должна лежать внутри прежней или содержать её.</translation>
    </message>
    <message>
        <source>The outbox is full. Connect to Proton, or take messages out of it.</source>
        <translation>Исходящие переполнены. Подключитесь к Proton или уберите из них письма.</translation>
    </message>
    <message>
        <source>The passphrase file {} cannot be read.</source>
        <translation>Файл с парольной фразой {} не читается.</translation>
    </message>
    <message>
        <source>The passphrase file {} is empty.</source>
        <translation>Файл с парольной фразой {} пуст.</translation>
    </message>
    <message>
        <source>The passphrase is needed</source>
        <translation>Нужна парольная фраза</translation>
    </message>
    <message>
        <source>The passphrase is wrong</source>
        <translation>Парольная фраза неверна</translation>
    </message>
    <message>
        <source>The password does not open the account's keys.</source>
        <translation>Пароль не открывает ключи учётной записи.</translation>
    </message>
    <message>
        <source>The password is missing.</source>
        <translation>Не указан пароль.</translation>
    </message>
    <message>
        <source>The password is right, and yet it does not open the mailbox. Was it reset not long ago?</source>
        <translation>Пароль верен, но почтовый ящик не открывает. Возможно, пароль недавно сбрасывали?</translation>
    </message>
    <message>
        <source>The password of this mail program was replaced.</source>
        <translation>Пароль этой почтовой программы заменён.</translation>
    </message>
    <message>
        <source>The password of this mail program was revoked.</source>
        <translation>Пароль этой почтовой программы отозван.</translation>
    </message>
    <message>
        <source>The password of this set-up was revoked.</source>
        <translation>Пароль этой настройки отозван.</translation>
    </message>
    <message>
        <source>The password was replaced.</source>
        <translation>Пароль заменён.</translation>
    </message>
    <message>
        <source>The place in the account's list of changes is lost.</source>
        <translation>Место в списке изменений учётной записи потеряно.</translation>
    </message>
    <message>
        <source>The port is kept for administrators</source>
        <translation>Порт доступен только администраторам</translation>
    </message>
    <message>
        <source>The port is used by another program</source>
        <translation>Порт занят другой программой</translation>
    </message>
    <message>
        <source>The profile folder cannot be used</source>
        <translation>Папку профиля нельзя использовать</translation>
    </message>
    <message>
        <source>The recipient's key cannot be had</source>
        <translation>Ключ получателя недоступен</translation>
    </message>
    <message>
        <source>The record of this set-up is damaged.</source>
        <translation>Запись об этой настройке повреждена.</translation>
    </message>
    <message>
        <source>The record of this set-up is gone.</source>
        <translation>Запись об этой настройке пропала.</translation>
    </message>
    <message>
        <source>The registry's value {} is of a kind that cannot be put back.</source>
        <translation>Значение реестра {} такого вида, что его нельзя вернуть.</translation>
    </message>
    <message>
        <source>The request named no application version.</source>
        <translation>В запросе не указана версия приложения.</translation>
    </message>
    <message>
        <source>The same message is still being sent. Please wait.</source>
        <translation>То же самое письмо ещё отправляется. Подождите.</translation>
    </message>
    <message>
        <source>The security is one of: {}.</source>
        <translation>Защита может быть такой: {}.</translation>
    </message>
    <message>
        <source>The server could not prove that it is Proton</source>
        <translation>Сервер не смог доказать, что он Proton</translation>
    </message>
    <message>
        <source>The server does not know this account's password either: it is not Proton.</source>
        <translation>Сервер сам не знает пароль этой учётной записи: это не Proton.</translation>
    </message>
    <message>
        <source>The server's part of the sign-in is out of range.</source>
        <translation>Серверная часть входа вне допустимых пределов.</translation>
    </message>
    <message>
        <source>The service's address is not usable. {}</source>
        <translation>Адрес службы не годится. {}</translation>
    </message>
    <message>
        <source>The service's list of mailboxes is not complete.</source>
        <translation>Список почтовых ящиков у службы неполон.</translation>
    </message>
    <message>
        <source>The service's list of messages is not up to date.</source>
        <translation>Список писем у службы устарел.</translation>
    </message>
    <message>
        <source>The settings could not be read; they were kept as {}.</source>
        <translation>Настройки не читаются; они сохранены как {}.</translation>
    </message>
    <message>
        <source>The sign-in's modulus has the wrong size.</source>
        <translation>У модуля входа неверный размер.</translation>
    </message>
    <message>
        <source>The sign-in's modulus is not a safe prime.</source>
        <translation>Модуль входа — не безопасное простое число.</translation>
    </message>
    <message>
        <source>The sign-in's modulus is not of the right form.</source>
        <translation>Модуль входа неверного вида.</translation>
    </message>
    <message>
        <source>The sign-in's modulus is not signed by Proton.</source>
        <translation>Модуль входа не подписан Proton.</translation>
    </message>
    <message>
        <source>The sign-in's multiplier is out of range.</source>
        <translation>Множитель входа вне допустимых пределов.</translation>
    </message>
    <message>
        <source>The signature of the contact's card cannot be read.</source>
        <translation>Подпись карточки контакта не читается.</translation>
    </message>
    <message>
        <source>The signature of the contact's card is not good.</source>
        <translation>Подпись карточки контакта неверна.</translation>
    </message>
    <message>
        <source>The stored certificate cannot be read.</source>
        <translation>Сохранённый сертификат не читается.</translation>
    </message>
    <message>
        <source>The stored passwords are damaged</source>
        <translation>Сохранённые пароли повреждены</translation>
    </message>
    <message>
        <source>The stored passwords are not open.</source>
        <translation>Сохранённые пароли не открыты.</translation>
    </message>
    <message>
        <source>The stored passwords are open; they are protected by {}.</source>
        <translation>Сохранённые пароли открыты; их защищает {}.</translation>
    </message>
    <message>
        <source>The stored passwords are protected by a passphrase.</source>
        <translation>Сохранённые пароли защищены парольной фразой.</translation>
    </message>
    <message>
        <source>The stored passwords cannot be opened</source>
        <translation>Сохранённые пароли не открываются</translation>
    </message>
    <message>
        <source>The stored passwords could not be put aside: {}.</source>
        <translation>Не удалось отложить сохранённые пароли: {}.</translation>
    </message>
    <message>
        <source>The stored passwords could not be written: {}.</source>
        <translation>Не удалось записать сохранённые пароли: {}.</translation>
    </message>
    <message>
        <source>The stored passwords were written by a newer version of Bridge Manager.</source>
        <translation>Сохранённые пароли записаны более новой версией Bridge Manager.</translation>
    </message>
    <message>
        <source>The system does not trust the certificate of this computer's bridge.</source>
        <translation>Система не доверяет сертификату моста на этом компьютере.</translation>
    </message>
    <message>
        <source>The system's settings could not be opened.</source>
        <translation>Не удалось открыть настройки системы.</translation>
    </message>
    <message>
        <source>The user name does not belong to this password. Copy both again from Bridge Manager.</source>
        <translation>Имя пользователя не подходит к этому паролю. Скопируйте и то и другое из Bridge Manager ещё раз.</translation>
    </message>
    <message>
        <source>The user name is missing.</source>
        <translation>Не указано имя пользователя.</translation>
    </message>
    <message>
        <source>The user name or the password is wrong. Copy both again from Bridge Manager.</source>
        <translation>Имя пользователя или пароль неверны. Скопируйте и то и другое из Bridge Manager ещё раз.</translation>
    </message>
    <message>
        <source>There are several: {}.</source>
        <translation>Их несколько: {}.</translation>
    </message>
    <message>
        <source>There is mail of Bridge Manager in {} already.</source>
        <translation>В папке {} уже есть почта Bridge Manager.</translation>
    </message>
    <message>
        <source>There is no account {}.</source>
        <translation>Нет учётной записи {}.</translation>
    </message>
    <message>
        <source>There is no ready text for {}.</source>
        <translation>Для {} готового текста нет.</translation>
    </message>
    <message>
        <source>There is no setting {}.</source>
        <translation>Нет настройки {}.</translation>
    </message>
    <message>
        <source>There is no such account.</source>
        <translation>Такой учётной записи нет.</translation>
    </message>
    <message>
        <source>There is no such mail program.</source>
        <translation>Такой почтовой программы нет.</translation>
    </message>
    <message>
        <source>There is no {} at {}.</source>
        <translation>{} нет по адресу {}.</translation>
    </message>
    <message>
        <source>There is nothing that could protect the stored passwords.</source>
        <translation>Нечем защитить сохранённые пароли.</translation>
    </message>
    <message>
        <source>There is one for: {}.</source>
        <translation>Он есть для: {}.</translation>
    </message>
    <message>
        <source>There is only one Apple Mail.</source>
        <translation>Apple Mail только одна.</translation>
    </message>
    <message>
        <source>This Bridge Manager runs without a window.</source>
        <translation>Этот Bridge Manager работает без окна.</translation>
    </message>
    <message>
        <source>This Thunderbird profile has the account {} already.</source>
        <translation>В этом профиле Thunderbird уже есть учётная запись {}.</translation>
    </message>
    <message>
        <source>This account asks for a security key, which Bridge Manager cannot use.</source>
        <translation>Эта учётная запись требует ключ безопасности, а Bridge Manager не умеет с ним работать.</translation>
    </message>
    <message>
        <source>This account has a password of its own</source>
        <translation>У этой учётной записи свой пароль</translation>
    </message>
    <message>
        <source>This account has no keys.</source>
        <translation>У этой учётной записи нет ключей.</translation>
    </message>
    <message>
        <source>This account is disabled</source>
        <translation>Эта учётная запись отключена</translation>
    </message>
    <message>
        <source>This account is restricted</source>
        <translation>Эта учётная запись ограничена</translation>
    </message>
    <message>
        <source>This account is signed in already.</source>
        <translation>Вход в эту учётную запись уже выполнен.</translation>
    </message>
    <message>
        <source>This account is signed out.</source>
        <translation>Вход в эту учётную запись не выполнен.</translation>
    </message>
    <message>
        <source>This account signs in through its organisation</source>
        <translation>Вход в эту учётную запись — через организацию</translation>
    </message>
    <message>
        <source>This account was removed from Bridge Manager.</source>
        <translation>Эта учётная запись удалена из Bridge Manager.</translation>
    </message>
    <message>
        <source>This account was signed out in Bridge Manager.</source>
        <translation>В Bridge Manager выполнен выход из этой учётной записи.</translation>
    </message>
    <message>
        <source>This did not work</source>
        <translation>Не получилось</translation>
    </message>
    <message>
        <source>This file was changed since, and stays as it is</source>
        <translation>Этот файл с тех пор изменён и останется как есть</translation>
    </message>
    <message>
        <source>This is a demonstration profile</source>
        <translation>Это демонстрационный профиль</translation>
    </message>
    <message>
        <source>This is not the passphrase of the stored passwords.</source>
        <translation>Эта парольная фраза не подходит к сохранённым паролям.</translation>
    </message>
    <message>
        <source>This mail program cannot be had back any more. Add it again.</source>
        <translation>Эту почтовую программу уже не вернуть. Добавьте её заново.</translation>
    </message>
    <message>
        <source>This message cannot be sent</source>
        <translation>Это письмо нельзя отправить</translation>
    </message>
    <message>
        <source>This message does not wait any more.</source>
        <translation>Это письмо уже не ждёт отправки.</translation>
    </message>
    <message>
        <source>This message failed several times; try again in {} seconds.</source>
        <translation>Письмо не отправилось несколько раз; повторите через {} с.</translation>
    </message>
    <message>
        <source>This message is larger than 50 MB, the most that Proton imports.</source>
        <translation>Письмо больше 50 МБ — предела для импорта в Proton.</translation>
    </message>
    <message>
        <source>This message was not sent yet</source>
        <translation>Это письмо ещё не отправлено</translation>
    </message>
    <message>
        <source>This needs a paid plan</source>
        <translation>Нужен платный тариф</translation>
    </message>
    <message>
        <source>This password does not open the mailbox.</source>
        <translation>Этот пароль не открывает почтовый ящик.</translation>
    </message>
    <message>
        <source>This password may only read mail.</source>
        <translation>С этим паролем можно только читать почту.</translation>
    </message>
    <message>
        <source>This password may only send mail.</source>
        <translation>С этим паролем можно только отправлять почту.</translation>
    </message>
    <message>
        <source>This password was replaced by a new one. Copy the new one from Bridge Manager.</source>
        <translation>Этот пароль заменён новым. Скопируйте новый из Bridge Manager.</translation>
    </message>
    <message>
        <source>This profile was made for the demonstration.</source>
        <translation>Этот профиль создан для демонстрации.</translation>
    </message>
    <message>
        <source>This program is set up for one address at a time.</source>
        <translation>Эта программа настраивается по одному адресу.</translation>
    </message>
    <message>
        <source>This request is not understood</source>
        <translation>Непонятный запрос</translation>
    </message>
    <message>
        <source>This session may not do what is needed.</source>
        <translation>У этого сеанса нет нужных прав.</translation>
    </message>
    <message>
        <source>This sign-in has ended</source>
        <translation>Этот вход завершён</translation>
    </message>
    <message>
        <source>This sign-in is at another step.</source>
        <translation>Этот вход находится на другом шаге.</translation>
    </message>
    <message>
        <source>This system has no registry.</source>
        <translation>В этой системе нет реестра.</translation>
    </message>
    <message>
        <source>This version is no longer accepted</source>
        <translation>Эта версия больше не принимается</translation>
    </message>
    <message>
        <source>Thunderbird cannot send without reading.</source>
        <translation>Thunderbird не умеет отправлять, не читая.</translation>
    </message>
    <message>
        <source>Thunderbird did not make its profile.</source>
        <translation>Thunderbird не создал свой профиль.</translation>
    </message>
    <message>
        <source>Thunderbird is running.</source>
        <translation>Thunderbird запущен.</translation>
    </message>
    <message>
        <source>Thunderbird keeps its passwords under a primary password, or has kept none yet, so that Bridge Manager cannot add this one. It asks when it fetches mail, and once more when the first message is sent; after that only for the primary password.</source>
        <translation>Thunderbird хранит пароли под основным паролем или ещё ни одного не сохранил, поэтому Bridge Manager не может добавить этот. Он спросит его при получении почты и ещё раз при отправке первого письма; потом — только основной пароль.</translation>
    </message>
    <message>
        <source>Thunderbird was not found on this computer.</source>
        <translation>Thunderbird не найден на этом компьютере.</translation>
    </message>
    <message>
        <source>Thunderbird's list of passwords is damaged.</source>
        <translation>Список паролей Thunderbird повреждён.</translation>
    </message>
    <message>
        <source>Thunderbird's store of passwords cannot be read.</source>
        <translation>Хранилище паролей Thunderbird не читается.</translation>
    </message>
    <message>
        <source>Too large for Proton</source>
        <translation>Слишком велико для Proton</translation>
    </message>
    <message>
        <source>Tools &gt; Accounts</source>
        <translation>Инструменты &gt; Учётные записи</translation>
    </message>
    <message>
        <source>Trust the certificate of this computer's bridge, on its two ports only</source>
        <translation>Доверять сертификату моста на этом компьютере, только на двух его портах</translation>
    </message>
    <message>
        <source>Trust the certificate of this computer's bridge; Windows asks once, and shows this thumbprint</source>
        <translation>Доверять сертификату моста на этом компьютере; Windows спросит один раз и покажет этот отпечаток</translation>
    </message>
    <message>
        <source>Trust the certificate of this computer's bridge; macOS asks for your password or Touch ID</source>
        <translation>Доверять сертификату моста на этом компьютере; macOS спросит пароль или Touch ID</translation>
    </message>
    <message>
        <source>Try again in a moment.</source>
        <translation>Повторите попытку чуть позже.</translation>
    </message>
    <message>
        <source>Try again later. If it stays so, look at proton.me/status.</source>
        <translation>Повторите попытку позже. Если не поможет, посмотрите proton.me/status.</translation>
    </message>
    <message>
        <source>Try again, and confirm the question of the system.</source>
        <translation>Повторите попытку и подтвердите запрос системы.</translation>
    </message>
    <message>
        <source>Try again. Without it the stored passwords cannot be opened.</source>
        <translation>Повторите попытку. Без неё сохранённые пароли не открыть.</translation>
    </message>
    <message>
        <source>Under Sending choose Add &gt; SMTP. General: server, login and password. Advanced: STARTTLS, PLAIN, and the port</source>
        <translation>В разделе «Отправка» выберите Добавить &gt; SMTP. Общие: сервер, имя и пароль. Дополнительно: STARTTLS, PLAIN и порт</translation>
    </message>
    <message>
        <source>Undo the set-up, and make a new one.</source>
        <translation>Отмените настройку и выполните новую.</translation>
    </message>
    <message>
        <source>Unlock it to read and send mail with your mail programs.</source>
        <translation>Разблокируйте его, чтобы читать и отправлять почту в почтовых программах.</translation>
    </message>
    <message>
        <source>Unlock the keychain of this computer, then try again.</source>
        <translation>Разблокируйте связку ключей этого компьютера и повторите попытку.</translation>
    </message>
    <message>
        <source>Until then codes of two-factor sign-ins can be refused.</source>
        <translation>До этого коды двухфакторного входа могут не подходить.</translation>
    </message>
    <message>
        <source>Update Bridge Manager, or change the application version in the settings.</source>
        <translation>Обновите Bridge Manager или измените версию приложения в настройках.</translation>
    </message>
    <message>
        <source>Update Bridge Manager, or make a key of the usual kind at proton.me, under Settings, Encryption and keys.</source>
        <translation>Обновите Bridge Manager или создайте обычный ключ на proton.me в разделе «Настройки», «Шифрование и ключи».</translation>
    </message>
    <message>
        <source>Update it, or allow TLS 1.2 in it.</source>
        <translation>Обновите её или разрешите в ней TLS 1.2.</translation>
    </message>
    <message>
        <source>Use an account with a Proton password.</source>
        <translation>Используйте учётную запись с паролем Proton.</translation>
    </message>
    <message>
        <source>Use port {} instead, or close the other program.</source>
        <translation>Займите порт {} или закройте ту программу.</translation>
    </message>
    <message>
        <source>Use port {} instead, or close {}.</source>
        <translation>Используйте порт {} или закройте {}.</translation>
    </message>
    <message>
        <source>Use the running one, or end it with `bridge-gui quit`.</source>
        <translation>Пользуйтесь запущенным или завершите его командой bridge-gui quit.</translation>
    </message>
    <message>
        <source>User name</source>
        <translation>Имя пользователя</translation>
    </message>
    <message>
        <source>Wait a minute, then try again.</source>
        <translation>Подождите минуту и повторите попытку.</translation>
    </message>
    <message>
        <source>Wait for the next code of the authenticator app, and check that this computer's clock is right.</source>
        <translation>Дождитесь следующего кода в приложении-аутентификаторе и проверьте, верно ли идут часы этого компьютера.</translation>
    </message>
    <message>
        <source>Wait some minutes, then try again.</source>
        <translation>Подождите несколько минут и повторите попытку.</translation>
    </message>
    <message>
        <source>Wait {} minutes, then try again.</source>
        <translation>Подождите {} мин и повторите попытку.</translation>
    </message>
    <message>
        <source>Wait {} seconds, then try again.</source>
        <translation>Подождите {} с и повторите попытку.</translation>
    </message>
    <message>
        <source>What is waited for is `usable` or `synced`.</source>
        <translation>Ждать можно usable или synced.</translation>
    </message>
    <message>
        <source>What this mail program may do was changed.</source>
        <translation>Права этой почтовой программы изменены.</translation>
    </message>
    <message>
        <source>When Claws Mail asks about the certificate compare the fingerprint, then choose Accept and save</source>
        <translation>Когда Claws Mail спросит о сертификате, сравните отпечаток и выберите «Принять и сохранить»</translation>
    </message>
    <message>
        <source>When Evolution asks about the certificate compare the fingerprint, then choose Accept permanently</source>
        <translation>Когда Evolution спросит о сертификате, сравните отпечаток и выберите «Принять навсегда»</translation>
    </message>
    <message>
        <source>When Geary asks about the certificate compare the fingerprint, then choose Always trust this server</source>
        <translation>Когда Geary спросит о сертификате, сравните отпечаток и выберите «Всегда доверять этому серверу»</translation>
    </message>
    <message>
        <source>When KMail asks about the certificate compare the fingerprint, then choose Continue and Forever</source>
        <translation>Когда KMail спросит о сертификате, сравните отпечаток и выберите «Продолжить» и «Навсегда»</translation>
    </message>
    <message>
        <source>When Thunderbird asks for the password of {}, paste it and tick that it is to be remembered</source>
        <translation>Когда Thunderbird спросит пароль для {}, вставьте его и отметьте, что его нужно запомнить</translation>
    </message>
    <message>
        <source>When started with the desktop, show only the tray icon.</source>
        <translation>При запуске с рабочим столом показывать только значок в области уведомлений.</translation>
    </message>
    <message>
        <source>When the program asks about the certificate compare the fingerprint, then let it trust it for good</source>
        <translation>Когда программа спросит о сертификате, сравните отпечаток и разрешите доверять ему всегда</translation>
    </message>
    <message>
        <source>Whether Proton has sent the message is not known yet. Please try again.</source>
        <translation>Пока не известно, отправил ли Proton письмо. Повторите попытку.</translation>
    </message>
    <message>
        <source>Which address?</source>
        <translation>Какой адрес?</translation>
    </message>
    <message>
        <source>Which one?</source>
        <translation>Который?</translation>
    </message>
    <message>
        <source>Without encryption (http://) only addresses of this computer are allowed.</source>
        <translation>Без шифрования (http://) разрешены только адреса этого компьютера.</translation>
    </message>
    <message>
        <source>Write the configuration</source>
        <translation>Записать настройки</translation>
    </message>
    <message>
        <source>Write the settings of the account as an Autodiscover file</source>
        <translation>Записать параметры учётной записи в файл Autodiscover</translation>
    </message>
    <message>
        <source>Wrong code</source>
        <translation>Неверный код</translation>
    </message>
    <message>
        <source>Wrong mailbox password</source>
        <translation>Неверный пароль почтового ящика</translation>
    </message>
    <message>
        <source>Wrong user name or password</source>
        <translation>Неверное имя пользователя или пароль</translation>
    </message>
    <message>
        <source>You have changed this file: bring it in line by hand</source>
        <translation>Вы изменили этот файл: исправьте его вручную</translation>
    </message>
    <message>
        <source>You locked Bridge Manager.</source>
        <translation>Вы заблокировали Bridge Manager.</translation>
    </message>
    <message>
        <source>a key of the demonstration only</source>
        <translation>ключ только для демонстрации</translation>
    </message>
    <message>
        <source>a message</source>
        <translation>одним письмом</translation>
    </message>
    <message>
        <source>a passphrase</source>
        <translation>парольная фраза</translation>
    </message>
    <message>
        <source>an SSH server</source>
        <translation>сервер SSH</translation>
    </message>
    <message>
        <source>another Bridge Manager</source>
        <translation>другой Bridge Manager</translation>
    </message>
    <message>
        <source>is being connected</source>
        <translation>подключается</translation>
    </message>
    <message>
        <source>is offline</source>
        <translation>нет связи</translation>
    </message>
    <message>
        <source>reading {}</source>
        <translation>читает {}</translation>
    </message>
    <message>
        <source>sending a message</source>
        <translation>отправляет письмо</translation>
    </message>
    <message>
        <source>signed in</source>
        <translation>вход выполнен</translation>
    </message>
    <message>
        <source>signed out</source>
        <translation>вход не выполнен</translation>
    </message>
    <message>
        <source>storing in {}</source>
        <translation>сохраняет в {}</translation>
    </message>
    <message>
        <source>the keychain of this computer</source>
        <translation>связка ключей этого компьютера</translation>
    </message>
    <message>
        <source>today</source>
        <translation>сегодня</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>ждёт</translation>
    </message>
    <message>
        <source>{} % are copied.</source>
        <translation>Скопировано {} %.</translation>
    </message>
    <message>
        <source>{} (Bridge Manager)</source>
        <translation>{} (Bridge Manager)</translation>
    </message>
    <message>
        <source>{} GB</source>
        <translation>{} ГБ</translation>
    </message>
    <message>
        <source>{} KB</source>
        <translation>{} КБ</translation>
    </message>
    <message>
        <source>{} MB</source>
        <translation>{} МБ</translation>
    </message>
    <message>
        <source>{} Nothing was sent to the others either.</source>
        <translation>{} Остальным тоже ничего не отправлено.</translation>
    </message>
    <message>
        <source>{} TB</source>
        <translation>{} ТБ</translation>
    </message>
    <message>
        <source>{} are free on the disk.</source>
        <translation>На диске свободно {}.</translation>
    </message>
    <message>
        <source>{} cannot be read or written: {}.</source>
        <translation>{} не читается или не записывается: {}.</translation>
    </message>
    <message>
        <source>{} cannot be read.</source>
        <translation>{} не читается.</translation>
    </message>
    <message>
        <source>{} cannot be written: {}.</source>
        <translation>Не удаётся записать {}: {}.</translation>
    </message>
    <message>
        <source>{} cannot take a path with the character {}.</source>
        <translation>{} не принимает путь с символом {}.</translation>
    </message>
    <message>
        <source>{} connects to an old port</source>
        <translation>Программа «{}» подключается к старому порту</translation>
    </message>
    <message>
        <source>{} could not be written.</source>
        <translation>Не удалось записать {}.</translation>
    </message>
    <message>
        <source>{} d</source>
        <translation>{} д</translation>
    </message>
    <message>
        <source>{} days ago</source>
        <translation>{} дн. назад</translation>
    </message>
    <message>
        <source>{} did not come to an end.</source>
        <translation>{}: команда не завершилась.</translation>
    </message>
    <message>
        <source>{} does not go into JSON</source>
        <translation>{} нельзя записать в JSON</translation>
    </message>
    <message>
        <source>{} does not go with {}</source>
        <translation>{} не сочетается с {}</translation>
    </message>
    <message>
        <source>{} does not listen.</source>
        <translation>{} не принимает подключений.</translation>
    </message>
    <message>
        <source>{} does not take this kind of value.</source>
        <translation>{}: значение не того вида.</translation>
    </message>
    <message>
        <source>{} h</source>
        <translation>{} ч</translation>
    </message>
    <message>
        <source>{} has an old password</source>
        <translation>У программы «{}» старый пароль</translation>
    </message>
    <message>
        <source>{} has never signed in.</source>
        <translation>Программа «{}» ещё ни разу не входила.</translation>
    </message>
    <message>
        <source>{} has no use for a {} password.</source>
        <translation>Программе {} не нужен пароль с правом «{}».</translation>
    </message>
    <message>
        <source>{} has not enough room for the mail.</source>
        <translation>В {} не хватает места для почты.</translation>
    </message>
    <message>
        <source>{} has not signed in for {} days.</source>
        <translation>Программа «{}» не входила уже {} дн.</translation>
    </message>
    <message>
        <source>{} has not signed in yet</source>
        <translation>Программа «{}» ещё не вошла</translation>
    </message>
    <message>
        <source>{} holds a key of a kind that cannot sign.</source>
        <translation>В {} ключ такого вида, что он не может подписывать.</translation>
    </message>
    <message>
        <source>{} holds no key with its certificate.</source>
        <translation>В {} нет ключа вместе с сертификатом.</translation>
    </message>
    <message>
        <source>{} is a Proton address without a key for mail; it may be disabled or misspelt.</source>
        <translation>{} — адрес Proton без почтового ключа; возможно, он отключён или написан с ошибкой.</translation>
    </message>
    <message>
        <source>{} is a link to somewhere else. It is not written.</source>
        <translation>{} — ссылка на другое место. Запись не выполнена.</translation>
    </message>
    <message>
        <source>{} is connected.</source>
        <translation>{}: подключено.</translation>
    </message>
    <message>
        <source>{} is disabled or cannot send.</source>
        <translation>{} — отключён или не может отправлять.</translation>
    </message>
    <message>
        <source>{} is locked.</source>
        <translation>{}: заблокировано.</translation>
    </message>
    <message>
        <source>{} is no folder.</source>
        <translation>{} — не папка.</translation>
    </message>
    <message>
        <source>{} is not a profile of Thunderbird.</source>
        <translation>{} — не профиль Thunderbird.</translation>
    </message>
    <message>
        <source>{} is not an address of this account.</source>
        <translation>{} — не адрес этой учётной записи.</translation>
    </message>
    <message>
        <source>{} is not there.</source>
        <translation>{} не найдено.</translation>
    </message>
    <message>
        <source>{} is running.</source>
        <translation>Программа {} запущена.</translation>
    </message>
    <message>
        <source>{} is signed out.</source>
        <translation>{}: выполнен выход.</translation>
    </message>
    <message>
        <source>{} is there already, and is not written over.</source>
        <translation>{} уже есть и не перезаписывается.</translation>
    </message>
    <message>
        <source>{} listens on port {}, but connections to it are refused.</source>
        <translation>{} ждёт на порту {}, но подключения к нему отклоняются.</translation>
    </message>
    <message>
        <source>{} listens on port {}, but nothing comes back from there.</source>
        <translation>{} ждёт на порту {}, но ответа оттуда нет.</translation>
    </message>
    <message>
        <source>{} listens on {}, port {}.</source>
        <translation>{} принимает подключения: {}, порт {}.</translation>
    </message>
    <message>
        <source>{} may only read</source>
        <translation>Программе «{}» разрешено только читать</translation>
    </message>
    <message>
        <source>{} may only send</source>
        <translation>Программе «{}» разрешено только отправлять</translation>
    </message>
    <message>
        <source>{} messages</source>
        <translation>письмами ({})</translation>
    </message>
    <message>
        <source>{} min</source>
        <translation>{} мин</translation>
    </message>
    <message>
        <source>{} signed in {}.</source>
        <translation>Программа «{}» входила {}.</translation>
    </message>
    <message>
        <source>{} signs in to {} with a password that was replaced (refused: {}).</source>
        <translation>{} входит в {} с заменённым паролем (отказов: {}).</translation>
    </message>
    <message>
        <source>{} signs in to {} with a user name that is not its own (refused: {}).</source>
        <translation>{} входит в {} с чужим именем пользователя (отказов: {}).</translation>
    </message>
    <message>
        <source>{} signs in to {} with a wrong password (refused: {}).</source>
        <translation>{} входит в {} с неверным паролем (отказов: {}).</translation>
    </message>
    <message>
        <source>{} takes a whole number.</source>
        <translation>{}: нужно целое число.</translation>
    </message>
    <message>
        <source>{} takes one of: {}.</source>
        <translation>{}: возможные значения: {}.</translation>
    </message>
    <message>
        <source>{} takes true or false.</source>
        <translation>{}: нужно true или false.</translation>
    </message>
    <message>
        <source>{} trusts an old certificate</source>
        <translation>Программа «{}» доверяет старому сертификату</translation>
    </message>
    <message>
        <source>{} uses a wrong password</source>
        <translation>У программы «{}» неверный пароль</translation>
    </message>
    <message>
        <source>{} uses a wrong user name</source>
        <translation>У программы «{}» неверное имя пользователя</translation>
    </message>
    <message>
        <source>{} uses an old password</source>
        <translation>У программы «{}» старый пароль</translation>
    </message>
    <message>
        <source>{} wants to read mail, and may only send (refused: {}).</source>
        <translation>{} хочет читать почту, а может только отправлять (отказов: {}).</translation>
    </message>
    <message>
        <source>{} wants to send mail, and may only read (refused: {}).</source>
        <translation>{} хочет отправлять почту, а может только читать (отказов: {}).</translation>
    </message>
    <message>
        <source>{} wants to use {} without encryption (refused: {}).</source>
        <translation>{} хочет работать с {} без шифрования (отказов: {}).</translation>
    </message>
    <message>
        <source>{} was not found on this computer.</source>
        <translation>{}: не найдено на этом компьютере.</translation>
    </message>
    <message>
        <source>{} was refused</source>
        <translation>Программе «{}» отказано</translation>
    </message>
    <message>
        <source>{} was refused at its last sign-in.</source>
        <translation>При последнем входе программе «{}» отказано.</translation>
    </message>
    <message>
        <source>{} {}; mail on this computer can be read.</source>
        <translation>{}: {}; почту на этом компьютере можно читать.</translation>
    </message>
</context>
<context>
    <name>dialogs</name>
    <message>
        <source>Cancel</source>
        <translation>Отмена</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Переименовать</translation>
    </message>
</context>
<context>
    <name>doctor</name>
    <message>
        <source>Change the port</source>
        <translation>Сменить порт</translation>
    </message>
    <message>
        <source>Check again</source>
        <translation>Проверить снова</translation>
    </message>
    <message>
        <source>Checking</source>
        <translation>Проверка</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Скопировано</translation>
    </message>
    <message>
        <source>Copy as text</source>
        <translation>Скопировать текстом</translation>
    </message>
    <message>
        <source>Copy the password</source>
        <translation>Скопировать пароль</translation>
    </message>
    <message>
        <source>Copy the user name</source>
        <translation>Скопировать имя пользователя</translation>
    </message>
    <message>
        <source>Doctor</source>
        <translation>Диагностика</translation>
    </message>
    <message>
        <source>Everything is well.</source>
        <translation>Всё в порядке.</translation>
    </message>
    <message>
        <source>Good</source>
        <translation>В порядке</translation>
    </message>
    <message>
        <source>Keep less here</source>
        <translation>Хранить меньше</translation>
    </message>
    <message>
        <source>Look at this</source>
        <translation>Обратите внимание</translation>
    </message>
    <message numerus="yes">
        <source>Needs a look: %n.</source>
        <translation>
            <numerusform>%n проверка требует внимания.</numerusform>
            <numerusform>%n проверки требуют внимания.</numerusform>
            <numerusform>%n проверок требуют внимания.</numerusform>
        </translation>
    </message>
    <message>
        <source>Set up again</source>
        <translation>Настроить заново</translation>
    </message>
    <message>
        <source>Show it</source>
        <translation>Показать</translation>
    </message>
    <message>
        <source>Show the certificate</source>
        <translation>Показать сертификат</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>Войти</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Повторить</translation>
    </message>
    <message>
        <source>Use the free port</source>
        <translation>Занять свободный порт</translation>
    </message>
    <message>
        <source>Wrong</source>
        <translation>Неисправно</translation>
    </message>
</context>
<context>
    <name>help</name>
    <message>
        <source>A mail could not be sent</source>
        <translation>Письмо не отправляется</translation>
    </message>
    <message>
        <source>A mail program does not use your Proton password, but the one that Bridge Manager made for it. Copy it from the program's card, or from the tray's menu, and paste it for incoming and outgoing mail. After New password or Revoke the old one is refused.</source>
        <translation>Почтовая программа входит не с паролем Proton, а с тем, который создал для неё Bridge Manager. Скопируйте его с карточки программы или из меню в области уведомлений и вставьте для входящей и исходящей почты. После нового пароля или отзыва прежний больше не действует.</translation>
    </message>
    <message>
        <source>About…</source>
        <translation>О программе…</translation>
    </message>
    <message>
        <source>At first the list of all messages is read, then their content is downloaded, newest first; a message that you open is fetched at once. The account's page shows how far it is. If something stays wrong, use Repair in the account's menu: it compares with Proton and changes nothing there.</source>
        <translation>Сначала читается список всех писем, затем загружается их содержимое, начиная с новых; письмо, которое вы открыли, загружается сразу. Ход загрузки виден на странице учётной записи. Если что-то так и остаётся неверным, выберите «Исправить» в меню учётной записи: программа сверит почту с Proton, ничего там не меняя.</translation>
    </message>
    <message>
        <source>Bridge Manager has to run: look for its icon in the tray. Server is 127.0.0.1 for incoming and outgoing mail. The Doctor shows whether both ports are open, and which other program may have taken one. Firewalls and virus scanners sometimes close ports of this computer as well.</source>
        <translation>Bridge Manager должен работать: найдите его значок в области уведомлений. Сервер и входящей, и исходящей почты — 127.0.0.1. «Диагностика» покажет, открыты ли оба порта и не занял ли их другой. Брандмауэры и антивирусы иногда закрывают порты даже внутри компьютера.</translation>
    </message>
    <message>
        <source>Choose the account, then Add program. The programs of this computer come first; most are set up by themselves or step by step, and you see what is written before it is. For any other choose Another program: incoming server IMAP, outgoing server SMTP, both at 127.0.0.1, with the ports, the user name and the password that are shown. As the connection's security choose STARTTLS or SSL/TLS; both work on the same port.</source>
        <translation>Выберите учётную запись, затем «Добавить программу». Сначала идут программы этого компьютера; большинство настраивается само или по шагам, и до записи видно, что будет записано. Для любой другой выберите «Другая программа»: сервер входящей почты IMAP и исходящей SMTP, оба по адресу 127.0.0.1, с портами, именем пользователя и паролем, которые показаны. Защита соединения — STARTTLS или SSL/TLS: на одном порту работают обе.</translation>
    </message>
    <message>
        <source>Combined: all addresses of an account share one mailbox, and mail can be sent from each. Split: each address has a mailbox of its own, with passwords of its own. Changing it makes mail programs read their mailboxes anew.</source>
        <translation>Объединённые: у всех адресов учётной записи один ящик, отправлять можно с любого. Разделённые: у каждого адреса свой ящик и свои пароли. После переключения почтовые программы читают ящики заново.</translation>
    </message>
    <message>
        <source>Each program has a password with rights of its own: full access, read-only, or send-only. You can change them, disconnect the program or revoke its password at any time in its card; the other programs are not touched.</source>
        <translation>У каждой программы свой пароль и свои права: полный доступ, только чтение или только отправка. На карточке программы можно в любой момент изменить права, отключить её или отозвать пароль; других программ это не касается.</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Справка</translation>
    </message>
    <message>
        <source>Logs</source>
        <translation>Журналы</translation>
    </message>
    <message>
        <source>Mail is missing, or comes late</source>
        <translation>Писем нет или они приходят поздно</translation>
    </message>
    <message>
        <source>Open the Doctor</source>
        <translation>Открыть диагностику</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>Открыть папку</translation>
    </message>
    <message>
        <source>Press to read the answer</source>
        <translation>Нажмите, чтобы прочитать ответ</translation>
    </message>
    <message>
        <source>Report a problem</source>
        <translation>Сообщить о проблеме</translation>
    </message>
    <message>
        <source>Report a problem…</source>
        <translation>Сообщить о проблеме…</translation>
    </message>
    <message>
        <source>Set up a mail program</source>
        <translation>Настройка почтовой программы</translation>
    </message>
    <message>
        <source>Several addresses</source>
        <translation>Несколько адресов</translation>
    </message>
    <message>
        <source>Something does not work</source>
        <translation>Что-то не работает</translation>
    </message>
    <message>
        <source>That is expected at the first connection, as the certificate was made on this computer. Compare the fingerprint that the program shows with the one in the settings under Certificate, then let the program trust it for good. If the warning comes back later, the certificate was renewed.</source>
        <translation>При первом подключении так и должно быть: сертификат создан на этом компьютере. Сравните отпечаток, который показывает программа, с отпечатком в настройках, раздел «Сертификат», и разрешите программе доверять ему всегда. Если предупреждение появилось снова, значит сертификат обновился.</translation>
    </message>
    <message>
        <source>The Doctor looks at everything that can be wrong.</source>
        <translation>«Диагностика» проверит всё, что может быть не так.</translation>
    </message>
    <message>
        <source>The answer is shown below</source>
        <translation>Ответ показан ниже</translation>
    </message>
    <message>
        <source>The mail of this computer lies in an encrypted database, whose key is in the keychain. In the settings you choose how much space it may take; what does not fit is fetched again when it is read.</source>
        <translation>Почта на этом компьютере лежит в зашифрованной базе, ключ от которой хранится в связке ключей. В настройках можно выбрать, сколько места ей отвести; что не поместилось, загружается снова при чтении.</translation>
    </message>
    <message>
        <source>The mail program cannot connect</source>
        <translation>Почтовая программа не может подключиться</translation>
    </message>
    <message>
        <source>The mail program says that the password is wrong</source>
        <translation>Почтовая программа говорит, что пароль неверен</translation>
    </message>
    <message>
        <source>The mail program shows the reason that Bridge Manager gives. The sender has to be one of the account's addresses, and the program needs the right to send. While offline, mail is refused so that it stays in the program's outbox, unless Send later when offline is on in the settings.</source>
        <translation>Почтовая программа показывает причину, которую назвал Bridge Manager. Отправителем должен быть один из адресов учётной записи, а у программы должно быть право отправлять. Без связи письма не принимаются и остаются в исходящих самой программы, если в настройках не включено «Отправлять позже, если нет связи».</translation>
    </message>
    <message>
        <source>The mail program warns about the certificate</source>
        <translation>Почтовая программа предупреждает о сертификате</translation>
    </message>
    <message>
        <source>Version {version}</source>
        <translation>Версия {version}</translation>
    </message>
    <message>
        <source>What Bridge Manager did. Addresses in it are masked; mail and passwords are not in it.</source>
        <translation>Что делал Bridge Manager. Адреса в журналах скрыты, писем и паролей в них нет.</translation>
    </message>
    <message>
        <source>What a mail program may do</source>
        <translation>Что разрешено почтовой программе</translation>
    </message>
    <message>
        <source>Where the mail is kept</source>
        <translation>Где хранится почта</translation>
    </message>
    <message>
        <source>You see all that would be sent before it is sent.</source>
        <translation>Перед отправкой вы увидите всё, что будет отправлено.</translation>
    </message>
    <message>
        <source>address alias split combined identity mode</source>
        <translation>адрес псевдоним разделить объединить режим отправитель</translation>
    </message>
    <message>
        <source>disk space cache folder encryption storage full</source>
        <translation>диск место кэш папка шифрование хранилище заполнен</translation>
    </message>
    <message>
        <source>login sign in refused authentication failed credentials</source>
        <translation>вход войти отказ авторизация неверный пароль логин</translation>
    </message>
    <message>
        <source>messages folder empty slow download synchronise update new mail</source>
        <translation>письма папка пусто медленно загрузка синхронизация обновление новая почта</translation>
    </message>
    <message>
        <source>rights read-only send-only revoke disconnect security</source>
        <translation>права чтение отправка отозвать отключить безопасность</translation>
    </message>
    <message>
        <source>smtp outgoing send outbox recipient attachment too large</source>
        <translation>smtp исходящие отправка отправить получатель вложение слишком большое</translation>
    </message>
    <message>
        <source>ssl tls trust warning security exception fingerprint</source>
        <translation>ssl tls доверие предупреждение безопасность исключение отпечаток</translation>
    </message>
    <message>
        <source>thunderbird outlook apple mail configure account server port</source>
        <translation>thunderbird outlook apple mail настроить учётная запись сервер порт</translation>
    </message>
    <message>
        <source>timeout refused port firewall antivirus offline server not found</source>
        <translation>таймаут отказано порт брандмауэр антивирус нет связи сервер не найден подключение</translation>
    </message>
</context>
<context>
    <name>notices</name>
    <message>
        <source>Copy the password</source>
        <translation>Скопировать пароль</translation>
    </message>
    <message>
        <source>Copy the user name</source>
        <translation>Скопировать имя пользователя</translation>
    </message>
    <message>
        <source>Show the program</source>
        <translation>Показать программу</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>и ещё %n</numerusform>
            <numerusform>и ещё %n</numerusform>
            <numerusform>и ещё %n</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>outbox</name>
    <message>
        <source>(no subject)</source>
        <translation>(без темы)</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Удалить</translation>
    </message>
    <message>
        <source>Do not send</source>
        <translation>Не отправлять</translation>
    </message>
    <message>
        <source>Do not send it</source>
        <translation>Не отправлять письмо</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Повторить</translation>
    </message>
    <message numerus="yes">
        <source>Waiting to be sent: %n</source>
        <translation>
            <numerusform>%n письмо ждёт отправки</numerusform>
            <numerusform>%n письма ждут отправки</numerusform>
            <numerusform>%n писем ждут отправки</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>и ещё %n</numerusform>
            <numerusform>и ещё %n</numerusform>
            <numerusform>и ещё %n</numerusform>
        </translation>
    </message>
    <message>
        <source>not tried again</source>
        <translation>повторов не будет</translation>
    </message>
    <message numerus="yes">
        <source>recipients: %n</source>
        <translation>
            <numerusform>%n получатель</numerusform>
            <numerusform>%n получателя</numerusform>
            <numerusform>%n получателей</numerusform>
        </translation>
    </message>
    <message>
        <source>“{subject}” is deleted from the outbox and not sent.</source>
        <translation>Письмо «{subject}» будет удалено из исходящих и не отправится.</translation>
    </message>
</context>
<context>
    <name>program</name>
    <message numerus="yes">
        <source>%n sessions ended.</source>
        <translation>
            <numerusform>Завершён %n сеанс.</numerusform>
            <numerusform>Завершены %n сеанса.</numerusform>
            <numerusform>Завершено %n сеансов.</numerusform>
        </translation>
    </message>
    <message>
        <source>Access</source>
        <translation>Доступ</translation>
    </message>
    <message>
        <source>Copied, without the password.</source>
        <translation>Скопировано, без пароля.</translation>
    </message>
    <message>
        <source>Copy all but the password</source>
        <translation>Скопировать всё, кроме пароля</translation>
    </message>
    <message>
        <source>Copy the IMAP port</source>
        <translation>Скопировать порт IMAP</translation>
    </message>
    <message>
        <source>Copy the IMAP server</source>
        <translation>Скопировать сервер IMAP</translation>
    </message>
    <message>
        <source>Copy the SMTP port</source>
        <translation>Скопировать порт SMTP</translation>
    </message>
    <message>
        <source>Copy the SMTP server</source>
        <translation>Скопировать сервер SMTP</translation>
    </message>
    <message>
        <source>Copy the password</source>
        <translation>Скопировать пароль</translation>
    </message>
    <message>
        <source>Copy the security</source>
        <translation>Скопировать защиту</translation>
    </message>
    <message>
        <source>Copy the user name</source>
        <translation>Скопировать имя пользователя</translation>
    </message>
    <message>
        <source>Disconnect</source>
        <translation>Отключить</translation>
    </message>
    <message>
        <source>Hide details</source>
        <translation>Скрыть подробности</translation>
    </message>
    <message>
        <source>Hide the password</source>
        <translation>Скрыть пароль</translation>
    </message>
    <message>
        <source>Incoming (IMAP)</source>
        <translation>Входящая (IMAP)</translation>
    </message>
    <message>
        <source>Mail program</source>
        <translation>Почтовая программа</translation>
    </message>
    <message>
        <source>Make a new password</source>
        <translation>Создать новый пароль</translation>
    </message>
    <message>
        <source>More for {name}</source>
        <translation>Другие действия: {name}</translation>
    </message>
    <message>
        <source>Name of this mail program</source>
        <translation>Название этой почтовой программы</translation>
    </message>
    <message>
        <source>New password for {name}</source>
        <translation>Новый пароль для {name}</translation>
    </message>
    <message>
        <source>New password…</source>
        <translation>Новый пароль…</translation>
    </message>
    <message>
        <source>Outgoing (SMTP)</source>
        <translation>Исходящая (SMTP)</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Пароль</translation>
    </message>
    <message>
        <source>Password, hidden</source>
        <translation>Пароль, скрыт</translation>
    </message>
    <message>
        <source>Rename {name}</source>
        <translation>Переименовать {name}</translation>
    </message>
    <message>
        <source>Rename…</source>
        <translation>Переименовать…</translation>
    </message>
    <message>
        <source>Revoke the password</source>
        <translation>Отозвать пароль</translation>
    </message>
    <message>
        <source>STARTTLS or SSL/TLS</source>
        <translation>STARTTLS или SSL/TLS</translation>
    </message>
    <message>
        <source>Security</source>
        <translation>Защита</translation>
    </message>
    <message>
        <source>Set up again</source>
        <translation>Настроить заново</translation>
    </message>
    <message>
        <source>Set up again…</source>
        <translation>Настроить заново…</translation>
    </message>
    <message>
        <source>Show details</source>
        <translation>Показать подробности</translation>
    </message>
    <message>
        <source>Show the password</source>
        <translation>Показать пароль</translation>
    </message>
    <message>
        <source>The new password is copied.</source>
        <translation>Новый пароль скопирован.</translation>
    </message>
    <message>
        <source>The password is copied. In a minute it is taken off the clipboard.</source>
        <translation>Пароль скопирован. Через минуту он будет удалён из буфера обмена.</translation>
    </message>
    <message>
        <source>The present password is refused at once. Copy the new one into the mail program.</source>
        <translation>Прежний пароль сразу перестанет действовать. Вставьте новый в почтовую программу.</translation>
    </message>
    <message>
        <source>Undo the set-up…</source>
        <translation>Отменить настройку…</translation>
    </message>
    <message>
        <source>User name</source>
        <translation>Имя пользователя</translation>
    </message>
    <message>
        <source>What it may do</source>
        <translation>Что ей разрешено</translation>
    </message>
    <message>
        <source>added {when}</source>
        <translation>добавлена {when}</translation>
    </message>
    <message numerus="yes">
        <source>and %n more sessions</source>
        <translation>
            <numerusform>и ещё %n сеанс</numerusform>
            <numerusform>и ещё %n сеанса</numerusform>
            <numerusform>и ещё %n сеансов</numerusform>
        </translation>
    </message>
    <message>
        <source>calls itself {name}</source>
        <translation>представляется как {name}</translation>
    </message>
    <message>
        <source>last used {when}</source>
        <translation>последний вход {when}</translation>
    </message>
    <message>
        <source>was refused {when}</source>
        <translation>отказ во входе {when}</translation>
    </message>
</context>
<context>
    <name>protection</name>
    <message>
        <source>A key in the profile's folder opens them. This is for the demonstration only.</source>
        <translation>Их открывает ключ из папки профиля. Так бывает только в демонстрации.</translation>
    </message>
    <message>
        <source>A passphrase protects them. Bridge Manager asks for it when it starts.</source>
        <translation>Их защищает парольная фраза. Bridge Manager спрашивает её при запуске.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Отмена</translation>
    </message>
    <message>
        <source>Choose a passphrase</source>
        <translation>Выберите парольную фразу</translation>
    </message>
    <message>
        <source>Choose another folder</source>
        <translation>Выбрать другую папку</translation>
    </message>
    <message>
        <source>Choose another folder…</source>
        <translation>Выбрать другую папку…</translation>
    </message>
    <message>
        <source>It is asked for each time Bridge Manager starts. Nobody can restore it: without it you would sign in to your accounts again and set up your mail programs anew.</source>
        <translation>Она потребуется при каждом запуске Bridge Manager. Восстановить её не сможет никто: без неё придётся снова войти в учётные записи и заново настроить почтовые программы.</translation>
    </message>
    <message>
        <source>Lock</source>
        <translation>Заблокировать</translation>
    </message>
    <message>
        <source>Lock now</source>
        <translation>Заблокировать сейчас</translation>
    </message>
    <message>
        <source>Mail programs are disconnected until the passphrase is typed again.</source>
        <translation>Почтовые программы будут отключены, пока вы снова не введёте парольную фразу.</translation>
    </message>
    <message>
        <source>Once more</source>
        <translation>Ещё раз</translation>
    </message>
    <message>
        <source>Passphrase</source>
        <translation>Парольная фраза</translation>
    </message>
    <message>
        <source>Start anew</source>
        <translation>Начать заново</translation>
    </message>
    <message>
        <source>Start anew without the stored passwords?</source>
        <translation>Начать заново без сохранённых паролей?</translation>
    </message>
    <message>
        <source>Start anew…</source>
        <translation>Начать заново…</translation>
    </message>
    <message>
        <source>The keychain of this computer protects them.</source>
        <translation>Их защищает связка ключей этого компьютера.</translation>
    </message>
    <message>
        <source>The passphrase is no longer needed; whoever can open your keychain can open them.</source>
        <translation>Парольная фраза больше не понадобится; пароли сможет открыть любой, кто может открыть вашу связку ключей.</translation>
    </message>
    <message>
        <source>The sign-ins of all accounts and the passwords of all mail programs are lost. The mail on this computer cannot be opened any more: it is deleted, and with it mail that was waiting to be sent. What is at Proton stays as it is, and is downloaded once you have signed in again. Mail programs have to be set up again. The old file of stored passwords is kept under another name.</source>
        <translation>Входы во все учётные записи и пароли всех почтовых программ будут потеряны. Почту на этом компьютере больше не открыть: она будет удалена вместе с письмами, ждавшими отправки. В Proton ничего не изменится, и после нового входа почта загрузится оттуда. Почтовые программы придётся настроить заново. Старый файл сохранённых паролей останется под другим именем.</translation>
    </message>
    <message>
        <source>The two are not the same</source>
        <translation>Фразы не совпадают</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Повторить</translation>
    </message>
    <message>
        <source>Unlock</source>
        <translation>Разблокировать</translation>
    </message>
    <message>
        <source>Use a passphrase instead…</source>
        <translation>Перейти на парольную фразу…</translation>
    </message>
    <message numerus="yes">
        <source>Use at least %n characters</source>
        <translation>
            <numerusform>Нужен хотя бы %n символ</numerusform>
            <numerusform>Нужно хотя бы %n символа</numerusform>
            <numerusform>Нужно хотя бы %n символов</numerusform>
        </translation>
    </message>
    <message>
        <source>Use the keychain</source>
        <translation>Перейти на связку ключей</translation>
    </message>
    <message>
        <source>Use the keychain instead…</source>
        <translation>Перейти на связку ключей…</translation>
    </message>
    <message>
        <source>Use this passphrase</source>
        <translation>Использовать эту фразу</translation>
    </message>
</context>
<context>
    <name>remedies</name>
    <message>
        <source>Change the port</source>
        <translation>Сменить порт</translation>
    </message>
    <message>
        <source>Keep less here</source>
        <translation>Хранить меньше</translation>
    </message>
    <message>
        <source>Network settings</source>
        <translation>Настройки сети</translation>
    </message>
    <message>
        <source>Open proton.me</source>
        <translation>Открыть proton.me</translation>
    </message>
    <message>
        <source>Open the settings</source>
        <translation>Открыть настройки</translation>
    </message>
    <message>
        <source>Repair…</source>
        <translation>Исправить…</translation>
    </message>
    <message>
        <source>Report it…</source>
        <translation>Сообщить…</translation>
    </message>
    <message>
        <source>Show the certificate</source>
        <translation>Показать сертификат</translation>
    </message>
    <message>
        <source>Sign in again</source>
        <translation>Войти снова</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Повторить</translation>
    </message>
</context>
<context>
    <name>report</name>
    <message>
        <source>A mail program cannot connect or sign in</source>
        <translation>Почтовая программа не подключается или не может войти</translation>
    </message>
    <message>
        <source>Add the logs, with addresses masked</source>
        <translation>Приложить журналы (адреса скрыты)</translation>
    </message>
    <message>
        <source>At which step does it stop?</source>
        <translation>На каком шаге всё останавливается?</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Назад</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Отмена</translation>
    </message>
    <message>
        <source>Content</source>
        <translation>Содержимое</translation>
    </message>
    <message>
        <source>Did it work before?</source>
        <translation>Раньше это работало?</translation>
    </message>
    <message>
        <source>Does it happen with every recipient?</source>
        <translation>Так с каждым получателем?</translation>
    </message>
    <message>
        <source>Does signing in at proton.me work?</source>
        <translation>Удаётся ли войти на proton.me?</translation>
    </message>
    <message>
        <source>In one line</source>
        <translation>Одной строкой</translation>
    </message>
    <message>
        <source>Look at the report</source>
        <translation>Посмотреть отчёт</translation>
    </message>
    <message>
        <source>Mail cannot be sent</source>
        <translation>Почта не отправляется</translation>
    </message>
    <message>
        <source>Mail is missing or wrong</source>
        <translation>Писем нет или они неверны</translation>
    </message>
    <message>
        <source>Parts of the report</source>
        <translation>Части отчёта</translation>
    </message>
    <message>
        <source>Report a problem</source>
        <translation>Сообщить о проблеме</translation>
    </message>
    <message>
        <source>Save as a file…</source>
        <translation>Сохранить в файл…</translation>
    </message>
    <message>
        <source>Save the report</source>
        <translation>Сохранить отчёт</translation>
    </message>
    <message>
        <source>Send to Proton</source>
        <translation>Отправить в Proton</translation>
    </message>
    <message>
        <source>Signing in to Proton</source>
        <translation>Вход в Proton</translation>
    </message>
    <message>
        <source>Since when?</source>
        <translation>С каких пор?</translation>
    </message>
    <message>
        <source>Something else</source>
        <translation>Другое</translation>
    </message>
    <message>
        <source>The report was saved.</source>
        <translation>Отчёт сохранён.</translation>
    </message>
    <message>
        <source>The report was sent.</source>
        <translation>Отчёт отправлен.</translation>
    </message>
    <message>
        <source>The window or the tray</source>
        <translation>Окно или значок в области уведомлений</translation>
    </message>
    <message>
        <source>This is all that is sent. Nothing leaves this computer before you say so.</source>
        <translation>Это всё, что будет отправлено. Без вашего согласия ничто не покинет этот компьютер.</translation>
    </message>
    <message>
        <source>This may help at once:</source>
        <translation>Возможно, это сразу поможет:</translation>
    </message>
    <message>
        <source>What did you do, and what did you expect?</source>
        <translation>Что вы сделали и чего ожидали?</translation>
    </message>
    <message>
        <source>What do you see at proton.me instead?</source>
        <translation>Что вместо этого видно на proton.me?</translation>
    </message>
    <message>
        <source>What does its error message say?</source>
        <translation>Что сказано в сообщении об ошибке?</translation>
    </message>
    <message>
        <source>What does the mail program say?</source>
        <translation>Что сообщает почтовая программа?</translation>
    </message>
    <message>
        <source>What happened</source>
        <translation>Что случилось</translation>
    </message>
    <message>
        <source>What happened?</source>
        <translation>Что случилось?</translation>
    </message>
    <message>
        <source>What is it about?</source>
        <translation>О чём речь?</translation>
    </message>
    <message>
        <source>Which folder or which kind of mail?</source>
        <translation>В какой папке или с какими письмами?</translation>
    </message>
    <message>
        <source>Which mail program, and which version?</source>
        <translation>Какая почтовая программа и какой версии?</translation>
    </message>
    <message>
        <source>Write in a few words what happened</source>
        <translation>Напишите в нескольких словах, что случилось</translation>
    </message>
</context>
<context>
    <name>settings</name>
    <message>
        <source>Address of the service</source>
        <translation>Адрес службы</translation>
    </message>
    <message>
        <source>All mailboxes</source>
        <translation>Все папки</translation>
    </message>
    <message>
        <source>Alternative routing</source>
        <translation>Обходные пути</translation>
    </message>
    <message>
        <source>Application version</source>
        <translation>Версия приложения</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Как в системе</translation>
    </message>
    <message>
        <source>Certificate</source>
        <translation>Сертификат</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Выбрать…</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>Оформление</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Тёмное</translation>
    </message>
    <message>
        <source>Default: {setting}</source>
        <translation>По умолчанию: {setting}</translation>
    </message>
    <message>
        <source>Downloads at once</source>
        <translation>Одновременных загрузок</translation>
    </message>
    <message>
        <source>Errors only</source>
        <translation>Только ошибки</translation>
    </message>
    <message>
        <source>Everything</source>
        <translation>Всё</translation>
    </message>
    <message>
        <source>Everything on this page goes back to its default, the ports as well: mail programs that use other ports have to be told. Accounts, mail and passwords stay.</source>
        <translation>Все настройки на этой странице, в том числе порты, вернутся к исходным значениям; если почтовые программы настроены на другие порты, их придётся изменить. Учётные записи, почта и пароли останутся.</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Папка</translation>
    </message>
    <message>
        <source>For experts</source>
        <translation>Для знатоков</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Общие</translation>
    </message>
    <message>
        <source>IMAP port</source>
        <translation>Порт IMAP</translation>
    </message>
    <message>
        <source>In the profile</source>
        <translation>В профиле</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Язык</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Светлое</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Журнал</translation>
    </message>
    <message>
        <source>Mail of some mailboxes only</source>
        <translation>Письма только из некоторых папок</translation>
    </message>
    <message>
        <source>Mail of the last days only</source>
        <translation>Письма только за последние дни</translation>
    </message>
    <message>
        <source>Mail on this computer</source>
        <translation>Почта на этом компьютере</translation>
    </message>
    <message>
        <source>Mail programs</source>
        <translation>Почтовые программы</translation>
    </message>
    <message>
        <source>Mail programs that are refused</source>
        <translation>Отказы почтовым программам</translation>
    </message>
    <message>
        <source>Messages that were not sent</source>
        <translation>Неотправленные письма</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Прочее</translation>
    </message>
    <message>
        <source>Network</source>
        <translation>Сеть</translation>
    </message>
    <message>
        <source>No limit</source>
        <translation>Без лимита</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Уведомления</translation>
    </message>
    <message>
        <source>Proxy</source>
        <translation>Прокси-сервер</translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation>Сбросить всё</translation>
    </message>
    <message>
        <source>Reset all settings</source>
        <translation>Сбросить все настройки</translation>
    </message>
    <message>
        <source>Reset all settings…</source>
        <translation>Сбросить все настройки…</translation>
    </message>
    <message>
        <source>SMTP port</source>
        <translation>Порт SMTP</translation>
    </message>
    <message>
        <source>Saved.</source>
        <translation>Сохранено.</translation>
    </message>
    <message>
        <source>Send later when offline</source>
        <translation>Отправлять позже, если нет связи</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Настройки</translation>
    </message>
    <message>
        <source>Show All Mail</source>
        <translation>Показывать «Всю почту»</translation>
    </message>
    <message>
        <source>Space for mail, MB</source>
        <translation>Место для почты, МБ</translation>
    </message>
    <message>
        <source>Start when I log in</source>
        <translation>Запускать при входе в систему</translation>
    </message>
    <message>
        <source>Start without the window</source>
        <translation>Запускать без окна</translation>
    </message>
    <message>
        <source>Stored passwords</source>
        <translation>Сохранённые пароли</translation>
    </message>
    <message>
        <source>The usual one</source>
        <translation>Обычная</translation>
    </message>
    <message>
        <source>Warnings and errors</source>
        <translation>Предупреждения и ошибки</translation>
    </message>
    <message>
        <source>What happens</source>
        <translation>Что происходит</translation>
    </message>
    <message>
        <source>What needs me</source>
        <translation>Что требует внимания</translation>
    </message>
    <message>
        <source>at most {size}</source>
        <translation>не больше {size}</translation>
    </message>
    <message>
        <source>everything</source>
        <translation>вся почта</translation>
    </message>
    <message numerus="yes">
        <source>mail of the last %n days</source>
        <translation>
            <numerusform>письма за последний %n день</numerusform>
            <numerusform>письма за последние %n дня</numerusform>
            <numerusform>письма за последние %n дней</numerusform>
        </translation>
    </message>
    <message>
        <source>of {mailboxes}</source>
        <translation>из {mailboxes}</translation>
    </message>
</context>
<context>
    <name>setup</name>
    <message numerus="yes">
        <source>%n folders</source>
        <translation>
            <numerusform>%n папка</numerusform>
            <numerusform>%n папки</numerusform>
            <numerusform>%n папок</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n messages</source>
        <translation>
            <numerusform>%n письмо</numerusform>
            <numerusform>%n письма</numerusform>
            <numerusform>%n писем</numerusform>
        </translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Адрес</translation>
    </message>
    <message>
        <source>All of them</source>
        <translation>Все</translation>
    </message>
    <message>
        <source>An account for each, in one program.</source>
        <translation>По учётной записи на каждый, в одной программе.</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Назад</translation>
    </message>
    <message>
        <source>Bridge Manager makes the password; the steps in {program} are yours.</source>
        <translation>Пароль создаст Bridge Manager, а шаги в {program} выполните вы.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Отмена</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Закрыть</translation>
    </message>
    <message>
        <source>Close {program} so that it can be repaired. It goes on by itself.</source>
        <translation>Закройте {program}, чтобы исправить настройку. Дальше всё пойдёт само.</translation>
    </message>
    <message>
        <source>Close {program} so that it can be set up. It goes on by itself.</source>
        <translation>Закройте {program}, чтобы настроить программу. Дальше всё пойдёт само.</translation>
    </message>
    <message>
        <source>Close {program} so that it can be taken back. It goes on by itself.</source>
        <translation>Закройте {program}, чтобы отменить настройку. Дальше всё пойдёт само.</translation>
    </message>
    <message>
        <source>Copy it all</source>
        <translation>Скопировать всё</translation>
    </message>
    <message>
        <source>Copy: {what}</source>
        <translation>Скопировать: {what}</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Подробности</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>Готово</translation>
    </message>
    <message>
        <source>Each address of this account has a mailbox of its own.</source>
        <translation>У каждого адреса этой учётной записи свой ящик.</translation>
    </message>
    <message>
        <source>Encryption</source>
        <translation>Шифрование</translation>
    </message>
    <message>
        <source>Fingerprint (SHA-256)</source>
        <translation>Отпечаток (SHA-256)</translation>
    </message>
    <message>
        <source>Finish later</source>
        <translation>Закончить позже</translation>
    </message>
    <message>
        <source>Follow the steps. As soon as {program} signs in, it is seen here.</source>
        <translation>Выполните шаги. Как только {program} войдёт, это будет видно здесь.</translation>
    </message>
    <message>
        <source>For the program that you use every day.</source>
        <translation>Для программы, которой вы пользуетесь каждый день.</translation>
    </message>
    <message>
        <source>Hide the details</source>
        <translation>Скрыть подробности</translation>
    </message>
    <message>
        <source>IMAP port</source>
        <translation>Порт IMAP</translation>
    </message>
    <message>
        <source>IMAP server</source>
        <translation>Сервер IMAP</translation>
    </message>
    <message>
        <source>It cannot read your mail: good for scripts and devices.</source>
        <translation>Читать вашу почту она не сможет: подходит для скриптов и устройств.</translation>
    </message>
    <message>
        <source>It cannot send, change or delete anything: good for backups.</source>
        <translation>Отправлять, менять и удалять она не сможет: подходит для резервных копий.</translation>
    </message>
    <message>
        <source>It gets a password of its own, which you can revoke by itself.</source>
        <translation>Она получит собственный пароль, который можно отозвать отдельно.</translation>
    </message>
    <message>
        <source>It is written by the book, and was not tried with the real program yet.</source>
        <translation>Сделано по документации и с самой программой ещё не проверено.</translation>
    </message>
    <message>
        <source>It listed {folders}.</source>
        <translation>Получено: {folders}.</translation>
    </message>
    <message>
        <source>It listed {folders}; INBOX has {messages}.</source>
        <translation>Получено: {folders}; во входящих {messages}.</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Оставить</translation>
    </message>
    <message>
        <source>Keep what was set up, so that it can sign in later, or take it back?</source>
        <translation>Оставить настройку, чтобы программа вошла позже, или отменить её?</translation>
    </message>
    <message>
        <source>Let it keep its own copies of the mail</source>
        <translation>Разрешить ей хранить собственные копии писем</translation>
    </message>
    <message>
        <source>Mail programs</source>
        <translation>Почтовые программы</translation>
    </message>
    <message>
        <source>Make the password</source>
        <translation>Создать пароль</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Имя</translation>
    </message>
    <message>
        <source>Name in the list</source>
        <translation>Название в списке</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Далее</translation>
    </message>
    <message>
        <source>Nothing has been changed yet. What is changed can be taken back later.</source>
        <translation>Пока ничего не изменено. Изменения можно будет отменить.</translation>
    </message>
    <message>
        <source>Now it is your turn</source>
        <translation>Теперь ваша очередь</translation>
    </message>
    <message>
        <source>On this computer</source>
        <translation>На этом компьютере</translation>
    </message>
    <message>
        <source>Only read</source>
        <translation>Только читать</translation>
    </message>
    <message>
        <source>Only send</source>
        <translation>Только отправлять</translation>
    </message>
    <message>
        <source>Others</source>
        <translation>Другие</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Пароль</translation>
    </message>
    <message>
        <source>Please wait</source>
        <translation>Подождите</translation>
    </message>
    <message>
        <source>Read and send</source>
        <translation>Читать и отправлять</translation>
    </message>
    <message>
        <source>Reading offline and searching are faster; the copies are not encrypted.</source>
        <translation>Чтение без связи и поиск станут быстрее; копии не зашифрованы.</translation>
    </message>
    <message>
        <source>Repairing the set-up of {program}…</source>
        <translation>Исправляется настройка {program}…</translation>
    </message>
    <message>
        <source>SMTP port</source>
        <translation>Порт SMTP</translation>
    </message>
    <message>
        <source>SMTP server</source>
        <translation>Сервер SMTP</translation>
    </message>
    <message>
        <source>Set it up</source>
        <translation>Настроить</translation>
    </message>
    <message>
        <source>Set it up again</source>
        <translation>Настроить заново</translation>
    </message>
    <message>
        <source>Setting it up again brings addresses, ports, certificate and password in line with what they are now. Nothing else is changed.</source>
        <translation>При повторной настройке адреса, порты, сертификат и пароль приводятся в соответствие с нынешними. Больше ничего не меняется.</translation>
    </message>
    <message>
        <source>Setting up {program}</source>
        <translation>Настройка {program}</translation>
    </message>
    <message>
        <source>Setting up {program} again</source>
        <translation>Повторная настройка {program}</translation>
    </message>
    <message>
        <source>Setting {program} up…</source>
        <translation>Настраивается {program}…</translation>
    </message>
    <message>
        <source>Start {program} now</source>
        <translation>Запустите {program}</translation>
    </message>
    <message>
        <source>Starting {program} once, without a window, so that it makes its profile…</source>
        <translation>{program} один раз запускается без окна, чтобы создать профиль…</translation>
    </message>
    <message>
        <source>Stay here</source>
        <translation>Остаться</translation>
    </message>
    <message>
        <source>Take it back</source>
        <translation>Отменить</translation>
    </message>
    <message>
        <source>Taken back, and the password is revoked.</source>
        <translation>Настройка отменена, пароль отозван.</translation>
    </message>
    <message>
        <source>Taking back the set-up of {program}</source>
        <translation>Отмена настройки {program}</translation>
    </message>
    <message>
        <source>Taking back the set-up of {program}…</source>
        <translation>Отменяется настройка {program}…</translation>
    </message>
    <message>
        <source>The set-up of {program} is taken back</source>
        <translation>Настройка {program} отменена</translation>
    </message>
    <message>
        <source>This is to be done</source>
        <translation>Нужно сделать следующее</translation>
    </message>
    <message>
        <source>This will be written</source>
        <translation>Будет записано следующее</translation>
    </message>
    <message>
        <source>User name</source>
        <translation>Имя пользователя</translation>
    </message>
    <message>
        <source>Waiting for {program} to sign in…</source>
        <translation>Ожидание входа {program}…</translation>
    </message>
    <message>
        <source>What Bridge Manager has added is removed, and the password is revoked. This is left to you:</source>
        <translation>Всё, что добавил Bridge Manager, удалено, пароль отозван. Осталось сделать вам:</translation>
    </message>
    <message>
        <source>What may it do?</source>
        <translation>Что ей разрешено?</translation>
    </message>
    <message>
        <source>Which address?</source>
        <translation>Какой адрес?</translation>
    </message>
    <message>
        <source>Which program?</source>
        <translation>Какая программа?</translation>
    </message>
    <message>
        <source>You can change it later, without touching the program.</source>
        <translation>Это можно изменить потом, не трогая программу.</translation>
    </message>
    <message>
        <source>You do this.</source>
        <translation>Это делаете вы.</translation>
    </message>
    <message>
        <source>cannot be set up</source>
        <translation>настроить нельзя</translation>
    </message>
    <message>
        <source>guided, not tried with the real program yet</source>
        <translation>с подсказками, с настоящей программой ещё не проверено</translation>
    </message>
    <message>
        <source>guided, step by step</source>
        <translation>по шагам, с подсказками</translation>
    </message>
    <message>
        <source>running</source>
        <translation>запущена</translation>
    </message>
    <message>
        <source>set up already</source>
        <translation>уже настроена</translation>
    </message>
    <message>
        <source>set up by itself</source>
        <translation>настраивается сама</translation>
    </message>
    <message numerus="yes">
        <source>{addresses} and %n more</source>
        <translation>
            <numerusform>{addresses} и ещё %n</numerusform>
            <numerusform>{addresses} и ещё %n</numerusform>
            <numerusform>{addresses} и ещё %n</numerusform>
        </translation>
    </message>
    <message>
        <source>{program} has not signed in yet</source>
        <translation>Программа {program} ещё не вошла</translation>
    </message>
    <message>
        <source>{program} is set up</source>
        <translation>Программа {program} настроена</translation>
    </message>
    <message>
        <source>{program} is set up already</source>
        <translation>Программа {program} уже настроена</translation>
    </message>
    <message>
        <source>{program} signed in to IMAP at {read} and to SMTP at {sent}.</source>
        <translation>Вход {program}: IMAP — {read}, SMTP — {sent}.</translation>
    </message>
    <message>
        <source>{program} signed in to IMAP at {time}, sent nothing yet.</source>
        <translation>Вход {program}: IMAP — {time}, отправки ещё не было.</translation>
    </message>
    <message>
        <source>{program} signed in to SMTP at {time}, read nothing yet.</source>
        <translation>Вход {program}: SMTP — {time}, чтения ещё не было.</translation>
    </message>
    <message>
        <source>{program} tried with an old password at {time}.</source>
        <translation>В {time} программа {program} пыталась войти со старым паролем.</translation>
    </message>
</context>
<context>
    <name>sidebar</name>
    <message>
        <source>Accounts</source>
        <translation>Учётные записи</translation>
    </message>
    <message>
        <source>Add account</source>
        <translation>Добавить учётную запись</translation>
    </message>
    <message>
        <source>Doctor</source>
        <translation>Диагностика</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Справка</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Настройки</translation>
    </message>
</context>
<context>
    <name>sign-in</name>
    <message>
        <source>Address or user name</source>
        <translation>Адрес или имя пользователя</translation>
    </message>
    <message>
        <source>Asking Proton</source>
        <translation>Запрос к Proton</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Назад</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Отмена</translation>
    </message>
    <message>
        <source>Code</source>
        <translation>Код</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Продолжить</translation>
    </message>
    <message>
        <source>I am done</source>
        <translation>Готово</translation>
    </message>
    <message>
        <source>Mailbox password</source>
        <translation>Пароль почтового ящика</translation>
    </message>
    <message>
        <source>Open the browser</source>
        <translation>Открыть браузер</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Пароль</translation>
    </message>
    <message>
        <source>Proton gets a proof that you know it, not the password itself.</source>
        <translation>Proton получит доказательство, что вы знаете пароль, но не сам пароль.</translation>
    </message>
    <message>
        <source>Proton wants to see a person</source>
        <translation>Proton хочет убедиться, что вы человек</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>Войти</translation>
    </message>
    <message>
        <source>Sign in to Proton</source>
        <translation>Войти в Proton</translation>
    </message>
    <message>
        <source>Solve the task that Proton shows in your browser. When it says that it is done, come back here.</source>
        <translation>Выполните задание, которое Proton покажет в браузере. Когда оно будет принято, вернитесь сюда.</translation>
    </message>
    <message>
        <source>This account has a second password, which opens its mail. It stays on this computer.</source>
        <translation>У этой учётной записи есть второй пароль, который открывает почту. Он не покидает этот компьютер.</translation>
    </message>
    <message>
        <source>Two-factor code</source>
        <translation>Код двухфакторной проверки</translation>
    </message>
    <message>
        <source>Type the address and the password</source>
        <translation>Введите адрес и пароль</translation>
    </message>
    <message>
        <source>Type the code</source>
        <translation>Введите код</translation>
    </message>
    <message>
        <source>Type the mailbox password</source>
        <translation>Введите пароль почтового ящика</translation>
    </message>
    <message>
        <source>Type the six digits that your authenticator shows for Proton.</source>
        <translation>Введите шесть цифр, которые показывает для Proton ваше приложение-аутентификатор.</translation>
    </message>
</context>
<context>
    <name>tray</name>
    <message>
        <source>15 minutes</source>
        <translation>На 15 минут</translation>
    </message>
    <message>
        <source>About</source>
        <translation>О программе</translation>
    </message>
    <message>
        <source>Add a mail program…</source>
        <translation>Добавить почтовую программу…</translation>
    </message>
    <message>
        <source>An hour</source>
        <translation>На час</translation>
    </message>
    <message>
        <source>Copy password of {name}</source>
        <translation>Скопировать пароль для {name}</translation>
    </message>
    <message>
        <source>Copy server data</source>
        <translation>Скопировать данные серверов</translation>
    </message>
    <message>
        <source>Copy user name {name}</source>
        <translation>Скопировать имя пользователя {name}</translation>
    </message>
    <message>
        <source>Doctor</source>
        <translation>Диагностика</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Справка</translation>
    </message>
    <message>
        <source>Open Bridge Manager</source>
        <translation>Открыть Bridge Manager</translation>
    </message>
    <message>
        <source>Pause for</source>
        <translation>Приостановить</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Завершить работу</translation>
    </message>
    <message>
        <source>Report a problem…</source>
        <translation>Сообщить о проблеме…</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Продолжить</translation>
    </message>
    <message>
        <source>Set-up guide</source>
        <translation>Руководство по настройке</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Настройки…</translation>
    </message>
    <message>
        <source>Unlock…</source>
        <translation>Разблокировать…</translation>
    </message>
    <message>
        <source>Until I resume</source>
        <translation>Пока не продолжу</translation>
    </message>
</context>
<context>
    <name>widgets</name>
    <message>
        <source>Copied</source>
        <translation>Скопировано</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Скрыть</translation>
    </message>
</context>
<context>
    <name>window</name>
    <message>
        <source>A port is used by another program</source>
        <translation>Порт занят другой программой</translation>
    </message>
    <message>
        <source>Add your mail program. It gets a password of its own.</source>
        <translation>Добавьте почтовую программу. Она получит собственный пароль.</translation>
    </message>
    <message>
        <source>Bridge Manager (demonstration)</source>
        <translation>Bridge Manager (демонстрация)</translation>
    </message>
    <message>
        <source>Bridge Manager runs in the background, decrypts your mail on this computer and hands it to the mail programs that you allow.</source>
        <translation>Bridge Manager работает в фоне, расшифровывает вашу почту на этом компьютере и передаёт её тем почтовым программам, которым вы разрешите.</translation>
    </message>
    <message>
        <source>Read and write there, as always.</source>
        <translation>Читайте и пишите в ней, как всегда.</translation>
    </message>
    <message>
        <source>Sign in to Proton</source>
        <translation>Войти в Proton</translation>
    </message>
    <message>
        <source>Sign in to Proton.</source>
        <translation>Войдите в Proton.</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Запуск</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Запуск…</translation>
    </message>
    <message>
        <source>The password of {name} is copied.</source>
        <translation>Пароль для {name} скопирован.</translation>
    </message>
    <message>
        <source>The user name of {name} is copied.</source>
        <translation>Имя пользователя для {name} скопировано.</translation>
    </message>
    <message>
        <source>Try it with a demonstration account</source>
        <translation>Попробовать с демонстрационной учётной записью</translation>
    </message>
    <message>
        <source>Use port {port}</source>
        <translation>Занять порт {port}</translation>
    </message>
    <message>
        <source>Your Proton mail in any mail program</source>
        <translation>Почта Proton в любой почтовой программе</translation>
    </message>
</context>
<context>
    <name>words</name>
    <message numerus="yes">
        <source>%n accounts are downloading</source>
        <translation>
            <numerusform>Загружается почта %n учётной записи</numerusform>
            <numerusform>Загружается почта %n учётных записей</numerusform>
            <numerusform>Загружается почта %n учётных записей</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n h</source>
        <translation>
            <numerusform>%n ч</numerusform>
            <numerusform>%n ч</numerusform>
            <numerusform>%n ч</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n messages are fetched when they are read</source>
        <translation>
            <numerusform>%n письмо загрузится при чтении</numerusform>
            <numerusform>%n письма загрузятся при чтении</numerusform>
            <numerusform>%n писем загрузятся при чтении</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n min</source>
        <translation>
            <numerusform>%n мин</numerusform>
            <numerusform>%n мин</numerusform>
            <numerusform>%n мин</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n min ago</source>
        <translation>
            <numerusform>%n мин назад</numerusform>
            <numerusform>%n мин назад</numerusform>
            <numerusform>%n мин назад</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n s ago</source>
        <translation>
            <numerusform>%n с назад</numerusform>
            <numerusform>%n с назад</numerusform>
            <numerusform>%n с назад</numerusform>
        </translation>
    </message>
    <message>
        <source>(no subject)</source>
        <translation>(без темы)</translation>
    </message>
    <message>
        <source>All accounts up to date</source>
        <translation>Все учётные записи обновлены</translation>
    </message>
    <message>
        <source>Being set up</source>
        <translation>Настраивается</translation>
    </message>
    <message>
        <source>Connecting</source>
        <translation>Подключение</translation>
    </message>
    <message>
        <source>Downloading, {percent} %</source>
        <translation>Загрузка, {percent} %</translation>
    </message>
    <message>
        <source>Locked</source>
        <translation>Заблокировано</translation>
    </message>
    <message>
        <source>Mail programs cannot use it until you sign in again. The mail on this computer is kept.</source>
        <translation>Почтовые программы не смогут с ней работать, пока вы не войдёте снова. Почта на этом компьютере останется.</translation>
    </message>
    <message>
        <source>Needs attention</source>
        <translation>Требует внимания</translation>
    </message>
    <message>
        <source>No account yet</source>
        <translation>Учётных записей пока нет</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>Нет связи</translation>
    </message>
    <message>
        <source>Offline · mail on this computer stays readable</source>
        <translation>Нет связи · почта на этом компьютере доступна</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Приостановлено</translation>
    </message>
    <message>
        <source>Reading the list of messages</source>
        <translation>Чтение списка писем</translation>
    </message>
    <message>
        <source>STARTTLS or TLS</source>
        <translation>STARTTLS или TLS</translation>
    </message>
    <message>
        <source>Set up by Bridge Manager {when}</source>
        <translation>Настроено в Bridge Manager {when}</translation>
    </message>
    <message>
        <source>Signed out</source>
        <translation>Вход не выполнен</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Запуск</translation>
    </message>
    <message>
        <source>Up to date</source>
        <translation>Всё обновлено</translation>
    </message>
    <message>
        <source>You signed out of this account</source>
        <translation>Вы вышли из этой учётной записи</translation>
    </message>
    <message numerus="yes">
        <source>and %n more</source>
        <translation>
            <numerusform>и ещё %n</numerusform>
            <numerusform>и ещё %n</numerusform>
            <numerusform>и ещё %n</numerusform>
        </translation>
    </message>
    <message>
        <source>checked {when}</source>
        <translation>проверено {when}</translation>
    </message>
    <message>
        <source>d MMMM yyyy</source>
        <translation>d MMMM yyyy</translation>
    </message>
    <message>
        <source>full access</source>
        <translation>полный доступ</translation>
    </message>
    <message>
        <source>just now</source>
        <translation>только что</translation>
    </message>
    <message>
        <source>last used {when}</source>
        <translation>последний вход {when}</translation>
    </message>
    <message>
        <source>less than a minute</source>
        <translation>меньше минуты</translation>
    </message>
    <message>
        <source>not used yet</source>
        <translation>ещё не использовалась</translation>
    </message>
    <message>
        <source>read-only</source>
        <translation>только чтение</translation>
    </message>
    <message>
        <source>send-only</source>
        <translation>только отправка</translation>
    </message>
    <message>
        <source>signed in now</source>
        <translation>подключена</translation>
    </message>
    <message>
        <source>since {time}</source>
        <translation>с {time}</translation>
    </message>
    <message>
        <source>waiting</source>
        <translation>ожидание</translation>
    </message>
    <message>
        <source>yesterday {time}</source>
        <translation>вчера, {time}</translation>
    </message>
    <message>
        <source>{amount} B</source>
        <translation>{amount} Б</translation>
    </message>
    <message>
        <source>{amount} GB</source>
        <translation>{amount} ГБ</translation>
    </message>
    <message>
        <source>{amount} KB</source>
        <translation>{amount} КБ</translation>
    </message>
    <message>
        <source>{amount} MB</source>
        <translation>{amount} МБ</translation>
    </message>
    <message>
        <source>{amount} TB</source>
        <translation>{amount} ТБ</translation>
    </message>
    <message>
        <source>{kept}: {used}</source>
        <translation>{kept}: {used}</translation>
    </message>
    <message>
        <source>{percent} %</source>
        <translation>{percent} %</translation>
    </message>
    <message>
        <source>{space} of {whole} used at Proton</source>
        <translation>в Proton занято {space} из {whole}</translation>
    </message>
</context>
</TS>
