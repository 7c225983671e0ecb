using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Governance.Tests.Support;

namespace Gateway.Governance.Tests.Ledger;

public sealed class AlertOnSqliteTests() : AlertTests(null);

public sealed class AlertOnPostgresTests(PostgresServer server) : AlertTests(server);

/// <summary>Who is told when budgets fill up.</summary>
public abstract class AlertTests(PostgresServer? server) : GovernanceTests(server)
{
    private const string Budget = """{"id":"b","name":"Team budget","limitNanoUsd":1000,"window":"Total","alertPercents":[50,80,100]}""";
    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000;

    [Fact]
    public async Task A_share_is_told_once_signed_and_with_what_fired_together()
    {
        await using var receiver = await WebhookReceiver.StartAsync(Cancellation, refusals: 1);
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/channels", new { id = "hook", name = "Hook", url = receiver.Url, groupSeconds = 0, secret = "signing-key-of-the-test" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", Budget);
        await IngestAsync(instance, LedgerHarness.Record(Now, 400, 1, "b#total"));
        await IngestAsync(instance, LedgerHarness.Record(Now, 450, 1, "b#total"));
        await Eventually.TrueAsync(() => receiver.Taken.Count > 0);

        // More of the same window, and a restart: nothing that was told is told again.
        await IngestAsync(instance, LedgerHarness.Record(Now, 10, 1, "b#total"));
        await StopAsync(instance);
        instance = await StartAsync();
        await IngestAsync(instance, LedgerHarness.Record(Now, 200, 1, "b#total"));
        await Eventually.TrueAsync(() => receiver.Taken.Count > 1);

        var (body, signature, delivery) = receiver.Taken[0];
        var first = JsonNode.Parse(body)!;
        Assert.Equal(delivery, first["id"]!.GetValue<string>());
        Assert.Equal([50, 80], first["alerts"]!.AsArray().Select(a => a!["percent"]!.GetValue<int>()).Order());
        Assert.Equal((850, "Team budget"), (first["alerts"]![0]!["settledNanoUsd"]!.GetValue<long>(), first["alerts"]![0]!["budgetName"]!.GetValue<string>()));
        var time = signature.Split(',')[0]["t=".Length..];
        Assert.Equal($"t={time},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes("signing-key-of-the-test"), Encoding.UTF8.GetBytes($"{time}.{body}")))}", signature);
        Assert.Equal([100], JsonNode.Parse(receiver.Taken[1].Body)!["alerts"]!.AsArray().Select(a => a!["percent"]!.GetValue<int>()));
        Assert.Equal([50, 80, 100], (await DoAsync(instance.Admin, HttpMethod.Get, "/api/alerts"))["items"]!.AsArray().Select(a => a!["percent"]!.GetValue<int>()).Order());
        Assert.DoesNotContain("signing-key-of-the-test", await StoredTextAsync(instance) + instance.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lowered_limit_reaches_shares_too()
    {
        await using var receiver = await WebhookReceiver.StartAsync(Cancellation);
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/channels", new { id = "hook", name = "Hook", type = "Slack", groupSeconds = 0, secret = receiver.Url });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", Budget);
        await IngestAsync(instance, LedgerHarness.Record(Now, 400, 1, "b#total"));
        await DoAsync(instance.Admin, HttpMethod.Patch, "/api/budgets/b", new { limitNanoUsd = 600 });
        await Eventually.TrueAsync(() => receiver.Taken.Count > 0);
        Assert.Equal("Budget 'Team budget' (b), window total: 50 % reached", JsonNode.Parse(receiver.Taken[0].Body)!["text"]!.GetValue<string>().Split(',')[0] + "," + JsonNode.Parse(receiver.Taken[0].Body)!["text"]!.GetValue<string>().Split(',')[1]);
        Assert.DoesNotContain(receiver.Url, await StoredTextAsync(instance) + instance.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_goes_out_by_the_mail_server()
    {
        await using var receiver = SmtpReceiver.Start();
        var instance = await StartAsync();
        await DoAsync(
            instance.Admin, HttpMethod.Post, "/api/channels",
            new { id = "mail", name = "Mail", type = "Email", host = "127.0.0.1", port = receiver.Port, security = "None", from = "gateway@example.com", to = (string[])["ops@example.com"] });
        var test = await DoAsync(instance.Admin, HttpMethod.Post, "/api/channels/mail/test");
        Assert.True(test["delivered"]!.GetValue<bool>(), test.ToJsonString());
        var mail = Assert.Single(receiver.Mails);
        Assert.Contains("To: ops@example.com", mail, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Subject: Gateway: test of an alert channel", mail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_keeps_its_secret_and_sends_it_nowhere_else()
    {
        var instance = await StartAsync();
        var made = await DoAsync(instance.Admin, HttpMethod.Post, "/api/channels", new { id = "hook", name = "Hook", url = "https://example.com/a", secret = "secret-of-the-channel" });
        Assert.True(made["hasSecret"]!.GetValue<bool>());
        Assert.Null(made["secret"]);
        Assert.True((await DoAsync(instance.Admin, HttpMethod.Patch, "/api/channels/hook", new { name = "Hook 2" }))["hasSecret"]!.GetValue<bool>());
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Patch, "/api/channels/hook", new { url = "https://elsewhere.example.com/" });
        Assert.Equal((HttpStatusCode.BadRequest, "secret"), (status, Assert.Single(FieldsOf(problem))));
        Assert.DoesNotContain("secret-of-the-channel", await StoredTextAsync(instance) + instance.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"c"}""", "url")]
    [InlineData("""{"name":"c","url":"ftp://x"}""", "url")]
    [InlineData("""{"name":"c","type":"Slack"}""", "secret")]
    [InlineData("""{"name":"c","type":"Email","host":"h","from":"a@b.c"}""", "to")]
    [InlineData("""{"name":"c","type":"Email","host":"h","from":"a@b.c","to":["a@b.c"],"security":"None","user":"u","secret":"s"}""", "user")]
    [InlineData("""{"name":"c","type":"Email","host":"h","from":"a@b.c","to":["nobody"]}""", "to[0]")]
    [InlineData("""{"name":"c","url":"https://x.example","quietFrom":"22:00"}""", "quietTo")]
    [InlineData("""{"name":"c","url":"https://x.example","quietFrom":"22","quietTo":"07:00"}""", "quietFrom")]
    [InlineData("""{"name":"c","url":"https://x.example","timeZone":"Nowhere/City"}""", "timeZone")]
    [InlineData("""{"name":"c","url":"https://x.example","topics":["Weather"]}""", "topics[0]")]
    [InlineData("""{"name":"c","type":"Email","host":"h","from":"a@b.c","to":["a@b.c"],"caCertificate":"none"}""", "caCertificate")]
    public async Task What_is_wrong_with_a_channel_is_named(string body, string field)
    {
        var instance = await StartAsync();
        var (status, problem, _) = await SendAsync(instance.Admin, HttpMethod.Post, "/api/channels", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([field], FieldsOf(problem));
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest")]
    [InlineData("http://[fe80::1]/")]
    public async Task Metadata_addresses_are_not_called(string url)
    {
        var instance = await StartAsync();
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/channels", new { id = "hook", name = "Hook", url });
        var test = await DoAsync(instance.Admin, HttpMethod.Post, "/api/channels/hook/test");
        Assert.False(test["delivered"]!.GetValue<bool>());
        Assert.Contains("link-local", test["error"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_that_a_budget_names_stays()
    {
        var instance = await StartAsync();
        Assert.Equal(["alertChannelIds[0]"], FieldsOf((await SendAsync(instance.Admin, HttpMethod.Post, "/api/budgets", """{"id":"b","name":"b","limitNanoUsd":1,"alertChannelIds":["hook"]}""")).Body));
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/channels", new { id = "hook", name = "Hook", url = "https://example.com/" });
        await DoAsync(instance.Admin, HttpMethod.Post, "/api/budgets", """{"id":"b","name":"b","limitNanoUsd":1,"alertChannelIds":["hook"]}""");
        Assert.Equal(HttpStatusCode.Conflict, (await SendAsync(instance.Admin, HttpMethod.Delete, "/api/channels/hook")).Status);
    }
}
