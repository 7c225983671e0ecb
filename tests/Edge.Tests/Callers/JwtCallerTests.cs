using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator;
using Gateway.Tests.Tokens;
using Gateway.Tokens;

namespace Gateway.Edge.Tests.Callers;

public sealed class JwtCallerTests
{
    private const string Team = "teams: { red: {}, blue: {} }";

    [Theory]
    [InlineData("RS256")]
    [InlineData("PS256")]
    [InlineData("ES256")]
    public async Task A_holder_of_a_token_is_served_and_recorded_by_his_name(string algorithm)
    {
        await using var world = await World.StartAsync();
        using var answer = await world.ChatAsync(world.Issuer.Token(Good(), algorithm));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var record = Assert.Single(await world.Edge.RecordsAsync(1));
        Assert.Equal(("main", "ada", "red"), (record.KeyId, record.UserId, record.TeamId));
    }

    [Theory]
    [InlineData("""{"aud":"another"}""", "audience")]
    [InlineData("""{"aud":null}""", "audience")]
    [InlineData("""{"iss":"https://evil.example"}""", "issuer")]
    [InlineData("""{"exp":1000}""", "expired")]
    [InlineData("""{"exp":null}""", "expired")]
    [InlineData("""{"nbf":99999999999}""", "not valid yet")]
    [InlineData("""{"scope":null}""", "claim")]
    [InlineData("""{"org":{"team":"green"}}""", "no account")]
    [InlineData("""{"sub":null}""", "no account")]
    public async Task A_token_that_is_not_for_here_is_refused_with_the_reason(string claims, string reason)
    {
        await using var world = await World.StartAsync();
        var all = Good();
        foreach (var (name, value) in JsonNode.Parse(claims)!.AsObject())
        {
            all[name] = value?.DeepClone();
        }

        using var answer = await world.ChatAsync(world.Issuer.Token(all));
        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["error"]!;
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains(reason, error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    public async Task An_algorithm_that_proves_nothing_is_refused(string algorithm)
    {
        await using var world = await World.StartAsync();
        using var answer = await world.ChatAsync(world.Issuer.Token(Good(), algorithm));
        await EdgeHost.ErrorAsync(answer, 401, "invalid_api_key");
    }

    [Fact]
    public async Task A_token_with_another_payload_or_signature_is_refused()
    {
        await using var world = await World.StartAsync();
        var (mine, other) = (world.Issuer.Token(Good("ada")).Split('.'), world.Issuer.Token(Good("bob")).Split('.'));
        using var swapped = await world.ChatAsync($"{mine[0]}.{other[1]}.{mine[2]}");
        await EdgeHost.ErrorAsync(swapped, 401, "invalid_api_key");
        using var cut = await world.ChatAsync($"{mine[0]}.{mine[1]}.");
        await EdgeHost.ErrorAsync(cut, 401, "invalid_api_key");
    }

    [Fact]
    public async Task A_new_key_of_the_issuer_is_taken_up_and_unknown_ones_do_not_make_a_storm()
    {
        await using var world = await World.StartAsync();
        using (var first = await world.ChatAsync(world.Issuer.Token(Good())))
        {
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        }

        world.Issuer.Rotate();
        var token = world.Issuer.Token(Good("eve"));
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await world.ChatAsync(token);
            return answer.StatusCode == HttpStatusCode.OK;
        }, "the new key was never taken up");
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async i =>
        {
            using var answer = await world.ChatAsync(world.Issuer.Token(Good(), keyId: $"unknown-{i}"));
            return answer.StatusCode;
        }));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Unauthorized, a));
        Assert.InRange(world.Issuer.KeyFetches, 2, 5);
    }

    [Fact]
    public async Task An_issuer_that_is_down_does_not_matter_once_its_keys_are_known()
    {
        await using var world = await World.StartAsync();
        world.Issuer.IsUp = false;
        using var answer = await world.ChatAsync(world.Issuer.Token(Good()));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_change_of_the_issuer_refuses_tokens_that_were_let_in()
    {
        await using var world = await World.StartAsync();
        var token = world.Issuer.Token(Good());
        using (var before = await world.ChatAsync(token))
        {
            Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        }

        var file = await File.ReadAllTextAsync(world.Edge.ConfigFile, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(world.Edge.ConfigFile, file.Replace("audiences: [gateway]", "audiences: [elsewhere]", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(async () =>
        {
            using var after = await world.ChatAsync(token);
            return after.StatusCode == HttpStatusCode.Unauthorized;
        }, "the token is still let in");
    }

    [Fact]
    public void No_text_makes_the_reader_throw()
    {
        var random = new Random(7);
        const string Alphabet = "eyJhbGciOiJSUzI1NiJ9.abcXYZ019-_=+/ \0\u00e9\ud800";
        var good = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJpc3MiOiJhIiwiZXhwIjoxfQ.AAAA";
        for (var i = 0; i < 50_000; i++)
        {
            var text = random.Next(2) == 0 ? good.ToCharArray() : [.. Enumerable.Range(0, random.Next(80)).Select(_ => Alphabet[random.Next(Alphabet.Length)])];
            for (var edits = random.Next(4); edits > 0 && text.Length > 0; edits--)
            {
                text[random.Next(text.Length)] = Alphabet[random.Next(Alphabet.Length)];
            }

            if (Jwt.TryRead(text, out var jwt))
            {
                _ = (jwt.Issuer, jwt.Texts("aud"), jwt.Seconds("exp"), jwt.Texts("a.b.c"));
            }
        }

        foreach (var payload in (string[])["[]", "1", "null", "{\"a\":1,\"a\":2}", "{\"a\":\"\\ud800\"}", new string('[', 100), "{\"exp\":1e999}", "{"])
        {
            _ = Jwt.TryRead($"eyJhbGciOiJSUzI1NiJ9.{Convert.ToBase64String(Encoding.UTF8.GetBytes(payload)).TrimEnd('=').Replace('+', '-').Replace('/', '_')}.AAAA", out var jwt);
            Assert.Equal(JwtProblem.Issuer, jwt is null ? JwtProblem.Issuer : new JwtRules { Issuer = "a", Audiences = ["b"] }.Check(jwt, JwkSet.Empty, DateTimeOffset.UnixEpoch));
        }
    }

    private static JsonObject Good(string user = "ada") => new() { ["sub"] = user, ["scope"] = "llm", ["org"] = new JsonObject { ["team"] = "r" } };

    private sealed class World(SimulatorHost simulator, TokenIssuer issuer, EdgeHost edge) : IAsyncDisposable
    {
        public TokenIssuer Issuer { get; } = issuer;

        public EdgeHost Edge { get; } = edge;

        public static async Task<World> StartAsync()
        {
            var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
            var issuer = await TokenIssuer.StartAsync(TestContext.Current.CancellationToken);
            var edge = await EdgeHost.StartAsync(
                simulator,
                $$"""
                {{Team}}
                jwtIssuers:
                  idp: { issuer: "{{issuer.Name}}", audiences: [gateway], key: main, teamClaim: org.team, teams: { r: red }, requiredClaims: { scope: llm } }
                """);
            var world = new World(simulator, issuer, edge);
            await Eventually.TrueAsync(async () =>
            {
                using var answer = await world.ChatAsync(issuer.Token(new JsonObject { ["aud"] = "probe" }));
                return answer.StatusCode == HttpStatusCode.Unauthorized;
            }, "the issuer's keys were never fetched");
            return world;
        }

        public Task<HttpResponseMessage> ChatAsync(string token)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(EdgeHost.Chat("sim"), Encoding.UTF8, "application/json") };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return Edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await Edge.DisposeAsync();
            await Issuer.DisposeAsync();
            await simulator.DisposeAsync();
        }
    }
}
