using System.Text;
using Gateway.Governance.Alerts;

namespace Gateway.Governance.Tests.Ledger;

/// <summary>Mails over TLS, against a mail server with a certificate of its own.</summary>
public sealed class MailTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(MailSecurity.StartTls, "STARTTLS|AUTH PLAIN LOGIN")]
    [InlineData(MailSecurity.StartTls, "STARTTLS|AUTH LOGIN")]
    [InlineData(MailSecurity.ImplicitTls, "AUTH PLAIN")]
    public async Task A_mail_goes_out_over_tls_and_nothing_of_it_before(MailSecurity security, string features)
    {
        await using var server = SecureMailServer.Start(security == MailSecurity.ImplicitTls, features);
        const string text = "first line\n.\n.dot at the start\nпривет 🙂";

        Assert.Null(await Mail(server, security, server.Authority).SendAsync("id-1", "Gateway: budget 'Größe' is at 80 %, which is a subject of some length with 日本語", text, Cancel));

        Assert.Equal("ops:pass:wörd", server.Login);
        Assert.All(server.InTheClear, static line => Assert.Contains(line, (string[])["EHLO gateway.invalid", "STARTTLS"]));
        var mail = Assert.Single(server.Mails);
        Assert.Contains("Message-ID: <id-1@example.com>", mail, StringComparison.Ordinal);
        Assert.Contains("To: a@example.com,\n b@example.com", mail.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("Subject: =?utf-8?B?", mail, StringComparison.Ordinal);
        Assert.All(mail.Split('\n'), static line => Assert.True(line.Length <= 100, line));
        var body = mail.ReplaceLineEndings("\n").Split("\n\n", 2)[1];
        Assert.Equal(text, Encoding.UTF8.GetString(Convert.FromBase64String(body)).ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(MailSecurity.StartTls)]
    [InlineData(MailSecurity.ImplicitTls)]
    public async Task A_server_whose_certificate_nobody_vouches_for_gets_nothing(MailSecurity security)
    {
        await using var server = SecureMailServer.Start(security == MailSecurity.ImplicitTls);
        var problem = await Mail(server, security, null).SendAsync("id-1", "s", "t", Cancel);

        Assert.Contains("TLS is not trusted", problem, StringComparison.Ordinal);
        Assert.Null(server.Login);
        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task A_server_without_starttls_gets_no_password_and_no_mail()
    {
        await using var server = SecureMailServer.Start(isImplicit: false, "AUTH PLAIN");
        var problem = await Mail(server, MailSecurity.StartTls, server.Authority).SendAsync("id-1", "s", "t", Cancel);

        Assert.Contains("no STARTTLS", problem, StringComparison.Ordinal);
        Assert.Null(server.Login);
        Assert.Equal(["EHLO gateway.invalid"], server.InTheClear);
    }

    [Fact]
    public async Task What_the_server_says_is_told_on_one_line()
    {
        await using var server = SecureMailServer.Start(isImplicit: true, "AUTH GSSAPI");
        Assert.Equal("The mail server takes neither PLAIN nor LOGIN.", await Mail(server, MailSecurity.ImplicitTls, server.Authority).SendAsync("id-1", "s", "t", Cancel));
    }

    private static SmtpMail Mail(SecureMailServer server, MailSecurity security, string? authority) => new(
        new AlertChannel
        {
            Id = "mail", Name = "Mail", Type = AlertChannelType.Email, Host = "localhost", Port = server.Port, Security = security, User = "ops", From = "Gateway <gateway@example.com>",
            To = ["a@example.com", "Bob <b@example.com>"], CaCertificate = authority,
        },
        "pass:wörd",
        TimeProvider.System);
}
