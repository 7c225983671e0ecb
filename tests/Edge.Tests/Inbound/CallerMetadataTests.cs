using System.Net;
using System.Text;
using Gateway.Dialects.Chat;
using Gateway.Edge.Http;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Inbound;

/// <summary>Metadata in the header <c>x-gateway-metadata</c>, in every dialect.</summary>
public sealed class CallerMetadataTests
{
    public static TheoryData<DialectId> Dialects =>
        [DialectId.OpenAIChat, DialectId.OpenAIResponses, DialectId.Anthropic, DialectId.Gemini, DialectId.BedrockConverse, DialectId.Cohere, DialectId.OpenAICompletions];

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task The_header_gives_what_a_key_requires_and_goes_no_further(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator, keyMore: ", requiredMetadata: [ project, stage ]");
        var caller = new Caller(dialect);
        using var missing = await AskAsync(edge, caller, "project=x");
        var problem = await caller.ErrorAsync(missing, 400);
        Assert.Contains("stage", problem.Message, StringComparison.Ordinal);
        Assert.Contains("x-gateway-metadata", problem.Message, StringComparison.Ordinal);
        foreach (var header in (string[])["project=x, stage=test", """{"project":"x","stage":1}"""])
        {
            using var given = await AskAsync(edge, caller, header);
            Assert.Equal(HttpStatusCode.OK, given.StatusCode);
            Assert.DoesNotContain("x-gateway-metadata", simulator.Received[^1].Headers.Keys);
            Assert.DoesNotContain("stage", simulator.Received[^1].BodyText, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Dialects))]
    public async Task A_header_that_cannot_be_read_is_refused_clearly(DialectId dialect)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(simulator);
        var caller = new Caller(dialect);
        using var response = await AskAsync(edge, caller, "no equals sign");
        Assert.Contains("x-gateway-metadata", (await caller.ErrorAsync(response, 400)).Message, StringComparison.Ordinal);
        Assert.Empty(simulator.Received);
    }

    [Theory]
    [InlineData("gold", "x-test=1, tier=gold", "")]
    [InlineData("user", "user_id=vip", "")]
    [InlineData("user", """{"user":"vip"}""", "")]
    [InlineData("gold", "tier=silver", "\"labels\":{\"tier\":\"gold\"},")]
    [InlineData("plain", "tier=gold", "\"labels\":{\"tier\":\"silver\"},")]
    [InlineData("plain", "tier=silver", "")]
    public async Task Rules_see_the_header_where_the_body_says_nothing(string expected, string header, string labels)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        var yaml = $$"""
            version: 1
            autoProviders: false
            demo: false
            providers:
              sim: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
            deployments:
              gold: { provider: sim, model: sim-gold }
              user: { provider: sim, model: sim-user }
              plain: { provider: sim, model: sim-plain }
            routes:
              ask:
                targets: [ { deployment: gold }, { deployment: user }, { deployment: plain } ]
                rules:
                  - { name: gold, when: 'metadata["tier"] == "gold"', targets: [ gold ] }
                  - { name: user, when: 'user == "vip"', targets: [ user ] }
                  - { name: rest, when: 'true', targets: [ plain ] }
            keys:
              main: { value: {{EdgeHost.Key}} }
            """;
        await using var edge = await EdgeHost.StartAsync(yaml);
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1beta/models/ask:generateContent")
        {
            Content = new StringContent($$"""{{{labels}}"contents":[{"role":"user","parts":[{"text":"hi"}]}]}""", Encoding.UTF8, "application/json"),
        };
        request.Headers.TryAddWithoutValidation("x-gateway-metadata", header);
        using var response = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Contains($"\"sim-{expected}\"", simulator.Received[^1].BodyText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a=1,b = two words ,c=x=y,d=", "a:1 b:two words c:x=y d:")]
    [InlineData(" , a=1 ,, ", "a:1")]
    [InlineData("", "")]
    [InlineData("""  {"a":"1,2","n":1.5,"t":true,"e":""} """, "a:1,2 n:1.5 t:true e:")]
    public void Both_forms_are_read(string header, string expected)
    {
        Assert.Null(CallerMetadata.Read(header, out var metadata));
        Assert.Equal(expected, string.Join(' ', metadata.Select(static m => $"{m.Key}:{m.Value}")));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("=1")]
    [InlineData("a=1,a=2")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("""{"a":{}}""")]
    [InlineData("""{"a":null}""")]
    [InlineData("""{"a":[1]}""")]
    [InlineData("""{"":"x"}""")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"a":1,"a":2}""")]
    public void What_has_neither_form_is_refused(string header)
    {
        Assert.NotNull(CallerMetadata.Read(header, out var metadata));
        Assert.Empty(metadata);
    }

    [Fact]
    public void It_is_bounded()
    {
        Assert.Null(CallerMetadata.Read(string.Join(',', Enumerable.Range(0, 64).Select(static i => $"k{i}=v")), out _));
        Assert.NotNull(CallerMetadata.Read(string.Join(',', Enumerable.Range(0, 65).Select(static i => $"k{i}=v")), out _));
        Assert.NotNull(CallerMetadata.Read("k=" + new string('v', 1_025), out _));
        Assert.NotNull(CallerMetadata.Read(new string('k', 129) + "=v", out _));
        Assert.NotNull(CallerMetadata.Read(new string(',', 8_193), out _));
    }

    private static Task<HttpResponseMessage> AskAsync(EdgeHost edge, Caller caller, string header)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, caller.Path("sim", stream: false)) { Content = new StringContent(caller.Body("sim", "hi", stream: false), Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("x-gateway-metadata", header);
        return edge.Client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
