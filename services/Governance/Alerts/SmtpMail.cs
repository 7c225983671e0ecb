using System.Globalization;
using System.Net.Mail;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Gateway.ServiceDefaults.Outbound;

namespace Gateway.Governance.Alerts;

/// <summary>
/// Sends one mail by SMTP (RFC 5321): over STARTTLS (RFC 3207), over TLS from the first byte (RFC 8314), or in the clear. Nothing that a server says before TLS is believed
/// after it, and without TLS where it is asked for nothing is sent.
/// </summary>
internal sealed class SmtpMail(AlertChannel channel, string password, TimeProvider time)
{
    private const int MostLine = 4_096;
    private const int MostLines = 100;

    /// <summary>Sends; returns what went wrong, or null.</summary>
    public async Task<string?> SendAsync(string id, string subject, string text, CancellationToken cancellation)
    {
        var addresses = await new OutboundGuard(AllowedAddresses.Ordinary).ResolveAsync(channel.Host!, cancellation).ConfigureAwait(false);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(addresses, channel.Port, cancellation).ConfigureAwait(false);
        Stream stream = new NetworkStream(socket, ownsSocket: false);
        try
        {
            if (channel.Security == MailSecurity.ImplicitTls)
            {
                stream = await SecureAsync(stream, cancellation).ConfigureAwait(false);
            }

            if (await ExpectAsync(stream, null, 220, cancellation).ConfigureAwait(false) is { } unwelcome)
            {
                return unwelcome;
            }

            var (features, refused) = await GreetAsync(stream, cancellation).ConfigureAwait(false);
            if (refused is not null)
            {
                return refused;
            }

            if (channel.Security == MailSecurity.StartTls)
            {
                if (!features.Contains("STARTTLS", StringComparer.OrdinalIgnoreCase))
                {
                    return "The mail server offers no STARTTLS, without which nothing is sent.";
                }

                if (await ExpectAsync(stream, "STARTTLS", 220, cancellation).ConfigureAwait(false) is { } insecure)
                {
                    return insecure;
                }

                stream = await SecureAsync(stream, cancellation).ConfigureAwait(false);
                (features, refused) = await GreetAsync(stream, cancellation).ConfigureAwait(false);
                if (refused is not null)
                {
                    return refused;
                }
            }

            return await LogInAsync(stream, features, cancellation).ConfigureAwait(false) ?? await DeliverAsync(stream, id, subject, text, cancellation).ConfigureAwait(false);
        }
        catch (AuthenticationException fault)
        {
            return $"The mail server's TLS is not trusted: {fault.Message}";
        }
        finally
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<Stream> SecureAsync(Stream plain, CancellationToken cancellation)
    {
        var secured = new SslStream(plain, leaveInnerStreamOpen: false);
        var options = new SslClientAuthenticationOptions { TargetHost = channel.Host!, EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 };
        if (channel.CaCertificate is { Length: > 0 } pem)
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(pem);
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, VerificationTime = time.GetUtcNow().UtcDateTime };
            policy.CustomTrustStore.AddRange(roots);
            options.CertificateChainPolicy = policy;
        }

        await secured.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
        return secured;
    }

    private static async Task<(HashSet<string> Features, string? Refused)> GreetAsync(Stream stream, CancellationToken cancellation)
    {
        var features = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var (code, lines) = await AskAsync(stream, "EHLO gateway.invalid", cancellation).ConfigureAwait(false);
        foreach (var line in lines)
        {
            features.Add(line.Trim());
        }

        return (features, code == 250 ? null : Refusal(code, lines));
    }

    private async Task<string?> LogInAsync(Stream stream, HashSet<string> features, CancellationToken cancellation)
    {
        if (channel.User is not { } user)
        {
            return null;
        }

        var ways = features.FirstOrDefault(static f => f.StartsWith("AUTH ", StringComparison.OrdinalIgnoreCase))?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (ways.Contains("PLAIN", StringComparer.OrdinalIgnoreCase))
        {
            return await ExpectAsync(stream, "AUTH PLAIN " + Base64($"\0{user}\0{password}"), 235, cancellation).ConfigureAwait(false);
        }

        if (!ways.Contains("LOGIN", StringComparer.OrdinalIgnoreCase))
        {
            return "The mail server takes neither PLAIN nor LOGIN.";
        }

        return await ExpectAsync(stream, "AUTH LOGIN", 334, cancellation).ConfigureAwait(false)
            ?? await ExpectAsync(stream, Base64(user), 334, cancellation).ConfigureAwait(false)
            ?? await ExpectAsync(stream, Base64(password), 235, cancellation).ConfigureAwait(false);
    }

    private async Task<string?> DeliverAsync(Stream stream, string id, string subject, string text, CancellationToken cancellation)
    {
        if (await ExpectAsync(stream, $"MAIL FROM:<{Address(channel.From!)}>", 250, cancellation).ConfigureAwait(false) is { } sender)
        {
            return sender;
        }

        foreach (var receiver in channel.To)
        {
            if (await ExpectAsync(stream, $"RCPT TO:<{Address(receiver)}>", 250, cancellation).ConfigureAwait(false) is { } unknown)
            {
                return unknown;
            }
        }

        if (await ExpectAsync(stream, "DATA", 354, cancellation).ConfigureAwait(false) is { } full)
        {
            return full;
        }

        var taken = await ExpectAsync(stream, Message(id, subject, text) + "\r\n.", 250, cancellation).ConfigureAwait(false);
        if (taken is null)
        {
            // What comes of the farewell changes nothing any more.
            await WriteAsync(stream, "QUIT", cancellation).ConfigureAwait(false);
        }

        return taken;
    }

    // The body is Base64: no line is too long or begins with a dot, and no text can end the message.
    private string Message(string id, string subject, string text)
    {
        var domain = new MailAddress(channel.From!).Host;
        var message = new StringBuilder();
        message.Append(CultureInfo.InvariantCulture, $"Date: {time.GetUtcNow().ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000\r\n");
        message.Append(CultureInfo.InvariantCulture, $"From: {Address(channel.From!)}\r\nTo: {string.Join(",\r\n ", channel.To.Select(Address))}\r\n");
        message.Append(CultureInfo.InvariantCulture, $"Subject: {Header(subject)}\r\n");
        // A delivery that is repeated has the same id, so that mail programs show it once.
        message.Append(CultureInfo.InvariantCulture, $"Message-ID: <{id}@{domain}>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n");
        message.Append("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
        message.Append(Convert.ToBase64String(Encoding.UTF8.GetBytes(text.ReplaceLineEndings("\r\n")), Base64FormattingOptions.InsertLineBreaks));
        return message.ToString();
    }

    // Without the name that may stand beside it: that would have to be written in an encoding of its own.
    private static string Address(string mailbox) => new MailAddress(mailbox).Address;

    private static string Header(string text)
    {
        if (text.All(static c => c is >= ' ' and <= '~') && text.Length <= 70)
        {
            return text;
        }

        // An encoded word has 75 characters at most, and no character may be broken in two.
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Select(static r => Rune.IsControl(r) ? new Rune(' ') : r))
        {
            if (Encoding.UTF8.GetByteCount(word.ToString()) + rune.Utf8SequenceLength > 42)
            {
                words.Add(word.ToString());
                word.Clear();
            }

            word.Append(rune);
        }

        words.Add(word.ToString());
        return string.Join("\r\n ", words.Select(static w => $"=?utf-8?B?{Base64(w)}?="));
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static async Task<string?> ExpectAsync(Stream stream, string? command, int wanted, CancellationToken cancellation)
    {
        var (code, lines) = await AskAsync(stream, command, cancellation).ConfigureAwait(false);
        return code == wanted || (wanted == 250 && code == 251) ? null : Refusal(code, lines);
    }

    private static string Refusal(int code, List<string> lines) =>
        string.Create(CultureInfo.InvariantCulture, $"The mail server answered {code} {new string([.. string.Join(' ', lines).Select(static c => char.IsControl(c) ? ' ' : c)])}");

    private static async Task<(int Code, List<string> Lines)> AskAsync(Stream stream, string? command, CancellationToken cancellation)
    {
        if (command is not null)
        {
            await WriteAsync(stream, command, cancellation).ConfigureAwait(false);
        }

        var lines = new List<string>();
        while (true)
        {
            var line = await LineAsync(stream, cancellation).ConfigureAwait(false);
            if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || lines.Count == MostLines)
            {
                throw new IOException("The mail server does not speak SMTP.");
            }

            lines.Add(line.Length > 4 ? line[4..] : "");
            if (line.Length == 3 || line[3] != '-')
            {
                return (code, lines);
            }
        }
    }

    private static async Task WriteAsync(Stream stream, string command, CancellationToken cancellation)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(command + "\r\n"), cancellation).ConfigureAwait(false);
        await stream.FlushAsync(cancellation).ConfigureAwait(false);
    }

    // Byte by byte: nothing that comes after a line is read ahead, so that none of it can slip past the change to TLS.
    private static async Task<string> LineAsync(Stream stream, CancellationToken cancellation)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, cancellation).ConfigureAwait(false) == 1)
        {
            if (one[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            if (line.Append((char)one[0]).Length > MostLine)
            {
                throw new IOException("The mail server sends a line without end.");
            }
        }

        throw new IOException("The mail server closed the connection.");
    }
}
