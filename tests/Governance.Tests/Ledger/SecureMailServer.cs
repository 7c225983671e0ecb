using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Gateway.Governance.Tests.Ledger;

/// <summary>A mail server with a certificate of its own authority: STARTTLS or TLS from the first byte, login by PLAIN or LOGIN. Takes no mail in the clear.</summary>
internal sealed class SecureMailServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _mails = new();
    private readonly ConcurrentQueue<string> _inTheClear = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2 _certificate;
    private readonly bool _implicit;
    private readonly string _features;
    private Task _running = Task.CompletedTask;

    private SecureMailServer(bool isImplicit, string features)
    {
        (_implicit, _features) = (isImplicit, features);
        (_certificate, Authority) = MakeCertificate();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The certificate that the server's is signed by, in PEM.</summary>
    public string Authority { get; }

    public IReadOnlyList<string> Mails => [.. _mails];

    /// <summary>Commands that came before TLS.</summary>
    public IReadOnlyList<string> InTheClear => [.. _inTheClear];

    /// <summary>Who logged in, as <c>user:password</c>.</summary>
    public string? Login { get; private set; }

    public static SecureMailServer Start(bool isImplicit, string features = "STARTTLS|AUTH PLAIN LOGIN")
    {
        var server = new SecureMailServer(isImplicit, features);
        server._listener.Start();
        server._running = server.AcceptAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _running;
        _stop.Dispose();
        _certificate.Dispose();
    }

    private static (X509Certificate2 Server, string Authority) MakeCertificate()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=Test authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var authority = authorityRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, now.AddDays(-1), now.AddDays(1), [1, 2, 3, 4]);
        using var withKey = signed.CopyWithPrivateKey(key);
        return (X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null), authority.ExportCertificatePem());
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                try
                {
                    await ServeAsync(client);
                }
                catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
                {
                    // A client that trusts somebody else hangs up.
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        Stream stream = client.GetStream();
        var secure = _implicit;
        if (_implicit)
        {
            stream = await SecureAsync(stream);
        }

        await SayAsync(stream, "220 test");
        while (await LineAsync(stream) is { } line)
        {
            if (!secure)
            {
                _inTheClear.Enqueue(line);
            }

            switch (line.Split(' ')[0].ToUpperInvariant())
            {
                case "EHLO":
                    foreach (var feature in _features.Split('|', StringSplitOptions.RemoveEmptyEntries).Where(f => !secure || f != "STARTTLS"))
                    {
                        await SayAsync(stream, "250-" + feature);
                    }

                    await SayAsync(stream, "250 8BITMIME");
                    break;
                case "STARTTLS":
                    // What is said along with it in the clear must not be believed.
                    await stream.WriteAsync("220 go\r\n"u8.ToArray(), _stop.Token);
                    stream = await SecureAsync(stream);
                    secure = true;
                    break;
                case "AUTH" when line.StartsWith("AUTH PLAIN ", StringComparison.Ordinal):
                    Login = string.Join(':', Encoding.UTF8.GetString(Convert.FromBase64String(line["AUTH PLAIN ".Length..])).Split('\0')[1..]);
                    await SayAsync(stream, "235 welcome");
                    break;
                case "AUTH":
                    await SayAsync(stream, "334 VXNlcm5hbWU6");
                    var user = Encoding.UTF8.GetString(Convert.FromBase64String((await LineAsync(stream))!));
                    await SayAsync(stream, "334 UGFzc3dvcmQ6");
                    Login = user + ":" + Encoding.UTF8.GetString(Convert.FromBase64String((await LineAsync(stream))!));
                    await SayAsync(stream, "235 welcome");
                    break;
                case "DATA" when secure:
                    await SayAsync(stream, "354 go on");
                    var mail = new StringBuilder();
                    while (await LineAsync(stream) is { } text && text != ".")
                    {
                        mail.AppendLine(text);
                    }

                    _mails.Enqueue(mail.ToString());
                    await SayAsync(stream, "250 taken");
                    break;
                case "QUIT":
                    return;
                default:
                    await SayAsync(stream, secure ? "250 fine" : "530 TLS first");
                    break;
            }
        }
    }

    private async Task<SslStream> SecureAsync(Stream plain)
    {
        var secured = new SslStream(plain);
        await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
        return secured;
    }

    private ValueTask SayAsync(Stream stream, string line) => stream.WriteAsync(Encoding.UTF8.GetBytes(line + "\r\n"), _stop.Token);

    private async Task<string?> LineAsync(Stream stream)
    {
        var line = new StringBuilder();
        var one = new byte[1];
        while (await stream.ReadAsync(one, _stop.Token) == 1)
        {
            if (one[0] == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append((char)one[0]);
        }

        return null;
    }
}
