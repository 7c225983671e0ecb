using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.Contracts.Usage;
using Gateway.Edge.Callers;
using Gateway.LlmSimulator;
using Gateway.Tests.Tokens;

namespace Gateway.Edge.Tests.Callers;

/// <summary>What outlives an issuer that is down, and what does not outlive one that is removed.</summary>
public sealed class JwtKeepingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tokens_are_let_in_after_a_restart_while_the_issuer_is_down()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var issuer = await TokenIssuer.StartAsync(Cancel);
        var folder = Directory.CreateTempSubdirectory("edge-test-").FullName;
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, Issuer(issuer));
        var kept = Path.Combine(folder, "edge", IssuerKeyStore.FileName);
        await using (var first = await EdgeHost.StartAsync(yaml, folder, keepsFolder: true))
        {
            await LetInAsync(first, issuer);
            await Eventually.TrueAsync(() => File.Exists(kept), "the keys were never kept");
        }

        issuer.IsUp = false;
        await using (var second = await EdgeHost.StartAsync(yaml, folder, keepsFolder: true))
        {
            using var answer = await ChatAsync(second, issuer.Token(Good()), "sim");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        // What somebody else has put there is not believed, and does no harm.
        await File.WriteAllBytesAsync(kept, [.. (await File.ReadAllBytesAsync(kept, Cancel))[..^40]], Cancel);
        await using var third = await EdgeHost.StartAsync(yaml, folder);
        using var waiting = await ChatAsync(third, issuer.Token(Good()), "sim");
        await EdgeHost.ErrorAsync(waiting, 503, "not_ready");
    }

    [Theory]
    [InlineData("removed", "cut")]
    [InlineData("disabled", "cut")]
    [InlineData("removed", "finish")]
    public async Task Streams_of_an_issuer_that_is_taken_away_end_by_the_keys_policy(string way, string policy)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        await using var issuer = await TokenIssuer.StartAsync(Cancel);
        var yaml = EdgeHost.Configuration(simulator.BaseUrl, Issuer(issuer), $", onRevoke: {policy}");
        await using var edge = await EdgeHost.StartAsync(yaml);
        await LetInAsync(edge, issuer);
        var token = issuer.Token(Good());
        using var response = await ChatAsync(edge, token, policy == "cut" ? "sim?tokens=10000&rate=100" : "sim?tokens=40&rate=100", "\"stream\":true");
        using var own = await edge.ChatAsync("sim?tokens=40&rate=100", "\"stream\":true");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
        Assert.StartsWith("data: ", await reader.ReadLineAsync(Cancel), StringComparison.Ordinal);

        await File.WriteAllTextAsync(edge.ConfigFile, way == "removed" ? yaml.Replace(Issuer(issuer), "", StringComparison.Ordinal) : yaml.Replace("idp: {", "idp: { enabled: false,", StringComparison.Ordinal), Cancel);
        var rest = await RestAsync(reader);

        Assert.Equal(policy == "cut", rest.Contains("api_key_revoked", StringComparison.Ordinal));
        Assert.Equal(policy == "finish", rest.Contains("[DONE]", StringComparison.Ordinal));

        // The virtual key itself stands: its own streams go on.
        Assert.Contains("[DONE]", await own.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        await Eventually.TrueAsync(async () =>
        {
            using var refused = await ChatAsync(edge, token, "sim");
            return refused.StatusCode == HttpStatusCode.Unauthorized;
        }, "the token is still let in");
        var outcomes = (await edge.RecordsAsync(3)).Select(r => r.Outcome).Order().ToList();
        Assert.Contains(policy == "cut" ? RequestOutcome.KeyRevoked : RequestOutcome.Completed, outcomes);
    }

    [Fact]
    public async Task Keys_on_disk_are_read_by_whoever_has_the_internal_token_only()
    {
        var folder = Directory.CreateTempSubdirectory("edge-test-");
        try
        {
            KeptIssuerKeys[] keys = [new() { Issuer = "https://a.example", FetchedAt = DateTimeOffset.UnixEpoch, Document = [1, 2, 3] }, new() { Issuer = "https://b.example", Jwks = "https://b.example/keys", FetchedAt = DateTimeOffset.UnixEpoch, Document = [4] }];
            await new IssuerKeyStore(folder.FullName, "token").SaveAsync(keys, Cancel);

            var read = await new IssuerKeyStore(folder.FullName, "token").LoadAsync(Cancel);
            Assert.Equal(keys.Select(k => (k.Issuer, k.Jwks, Convert.ToHexString(k.Document))), read.Select(k => (k.Issuer, k.Jwks, Convert.ToHexString(k.Document))));
            Assert.Empty(await new IssuerKeyStore(folder.FullName, "another").LoadAsync(Cancel));
            var file = Path.Combine(folder.FullName, IssuerKeyStore.FileName);
            var bytes = await File.ReadAllBytesAsync(file, Cancel);
            for (var i = 0; i < bytes.Length; i += 7)
            {
                var altered = bytes.ToArray();
                altered[i] ^= 1;
                await File.WriteAllBytesAsync(file, altered, Cancel);
                Assert.Empty(await new IssuerKeyStore(folder.FullName, "token").LoadAsync(Cancel));
            }

            Assert.Empty(await new IssuerKeyStore(Path.Combine(folder.FullName, "nowhere"), "token").LoadAsync(Cancel));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> RestAsync(StreamReader reader)
    {
        var rest = new StringBuilder();
        try
        {
            while (await reader.ReadLineAsync(Cancel) is { } line)
            {
                rest.AppendLine(line);
            }
        }
        catch (IOException)
        {
            // A stream that is cut ends with its connection.
        }

        return rest.ToString();
    }

    private static string Issuer(TokenIssuer issuer) => $$"""jwtIssuers: { idp: { issuer: "{{issuer.Name}}", audiences: [gateway], key: main } }""";

    private static JsonObject Good() => new() { ["sub"] = "ada" };

    private static Task LetInAsync(EdgeHost edge, TokenIssuer issuer) => Eventually.TrueAsync(async () =>
    {
        using var answer = await ChatAsync(edge, issuer.Token(Good()), "sim?tokens=1");
        return answer.StatusCode == HttpStatusCode.OK;
    }, "the issuer's keys were never fetched");

    private static Task<HttpResponseMessage> ChatAsync(EdgeHost edge, string token, string model, string more = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(EdgeHost.Chat(model, more), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
    }
}
