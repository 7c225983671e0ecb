using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.EndToEnd.Clients;
using Gateway.EndToEnd.Hosting;

namespace Gateway.EndToEnd.Local.Clients;

/// <summary>
/// Every official JavaScript client against providers of every dialect, with nothing but its address, key and model set. What is asked is in
/// <c>node-client/matrix.mjs</c>; here is what has to come of it.
/// </summary>
[Collection(ProvidersFixture.Name)]
public sealed class JavaScriptMatrixTests(ProvidersFixture gateway)
{
    private const string Picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ";

    private static readonly string[] _clients =
    [
        "openai chat", "openai responses", "anthropic", "google genai", "aws bedrock", "cohere",
        "ai openai", "ai openai chat", "ai openai-compatible", "ai azure", "ai anthropic", "ai google", "ai amazon-bedrock", "ai cohere",
        "langchain openai", "langchain anthropic",
    ];

    // Which clients can be asked what is not for all: by the number of cases for each provider that each of them has.
    private static readonly string[] _withoutImages = ["ai cohere"], _withoutSchemas = ["aws bedrock"], _withoutThinking = ["ai openai chat", "ai azure", "langchain openai"];

    // These APIs or packages have no place for signatures of thinking, so that the conversation goes on without thinking where it must be signed.
    private static readonly string[] _withoutSignatures = ["cohere", "ai cohere", "ai openai-compatible"];

    private static readonly Dictionary<string, string> _expected = new(StringComparer.Ordinal)
    {
        ["plain"] = Answer(3),
        ["stream"] = """{"text":"one two three","finish":"stop","output":3,"inPieces":true}""",
        ["conversation"] = Answer(3),
        ["conversation streamed"] = Answer(3),
        ["tools"] = Turns(3),
        ["tools streamed"] = Turns(3),
        ["image"] = Answer(3),
        ["json"] = """{"keys":["city","degrees"],"expected":true}""",
        ["thinking"] = Turns(7, thought: true),
        ["thinking streamed"] = Turns(7, thought: true),
        ["provider limit"] = Refusal(429),
        ["provider refuses"] = Refusal(400),
        ["provider fails"] = Refusal(500),
        ["stream cut"] = """{"raised":true}""",
        ["stream unfinished"] = """{"raised":true}""",
        ["stream error"] = """{"raised":true}""",
        ["wrong key"] = Refusal(401),
        ["unknown model"] = Refusal(404),
        ["unknown model streamed"] = Refusal(404),
        ["no budget"] = Refusal(402),
    };

    private static readonly string[] _alone = ["wrong key", "unknown model", "unknown model streamed", "no budget"];

    [Fact]
    public async Task Every_client_gets_the_same_of_every_provider()
    {
        var folder = Repository.PathOf("tests/Gateway.EndToEnd/node-client");
        var node = await JavaScriptClientTests.InstallAsync(folder);
        var settings = JsonSerializer.Serialize(new { url = gateway.Url, key = ProvidersFixture.Key, poorKey = ProvidersFixture.PoorKey, providers = ProvidersFixture.Providers });

        var (exit, output, errors) = await JavaScriptClientTests.RunAsync(node, folder, ["matrix.mjs", settings]);

        Assert.True(exit == 0, errors);
        var wrong = new List<string>();
        var seen = new HashSet<(string, string, string)>();
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static l => l.StartsWith('{')).Select(static l => JsonNode.Parse(l)!))
        {
            var (client, provider, scenario) = ((string)line["client"]!, (string)line["provider"]!, (string)line["case"]!);
            var facts = line["facts"]!.ToJsonString();
            var expected = Expected(client, provider, scenario);
            Assert.True(seen.Add((client, provider, scenario)), $"{client}, {provider}, {scenario} came twice.");
            if (facts != expected)
            {
                wrong.Add($"{client}, {provider}, {scenario}: {facts} where {expected} was expected");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(40)));
        Assert.Equal(All().Order(), seen.Order());
        foreach (var (client, provider) in _clients.Except(_withoutImages).SelectMany(static _ => ProvidersFixture.Providers, static (c, p) => (c, p)))
        {
            Assert.True(
                gateway.Simulator.Received.Any(r => r.BodyText.Contains($"You are {client} before {provider}.", StringComparison.Ordinal) && r.BodyText.Contains(Picture, StringComparison.Ordinal)),
                $"The provider {provider} was not given the system prompt and the picture that {client} sent.");
        }
    }

    private static IEnumerable<(string, string, string)> All() =>
        from client in _clients
        from pair in _alone.Select(static s => ("", s)).Concat(from provider in ProvidersFixture.Providers from scenario in _expected.Keys.Except(_alone) select (provider, scenario))
        where !(pair.Item2 == "image" && _withoutImages.Contains(client))
            && !(pair.Item2 == "json" && _withoutSchemas.Contains(client))
            && !(pair.Item2.StartsWith("thinking", StringComparison.Ordinal) && _withoutThinking.Contains(client))
        select (client, pair.Item1, pair.Item2);

    private static string Expected(string client, string provider, string scenario) => scenario switch
    {
        "thinking" or "thinking streamed" when provider is "anthropic" or "bedrock" && _withoutSignatures.Contains(client) => Turns(3, thought: true),

        // LangChain adds up the counts that Anthropic's own streams give at their start and at their end.
        "stream" when client == "langchain anthropic" && provider == "anthropic" => """{"text":"one two three","finish":"stop","output":4,"inPieces":true}""",
        "conversation streamed" when client == "langchain anthropic" && provider == "anthropic" => Answer(4),
        "tools streamed" when client == "langchain anthropic" && provider == "anthropic" => Turns(4),
        "thinking streamed" when client == "langchain anthropic" && provider == "anthropic" => Turns(8, thought: true),
        _ => _expected[scenario],
    };

    private static string Answer(int output) => $$"""{"text":"one two three","finish":"stop","output":{{output}}}""";

    private static string Turns(int output, bool thought = false) =>
        $$"""{"calls":["get_weather(city:string)","get_weather(city:string)"],"finish":"tools","ids":2,"then":{{Answer(output)}}{{(thought ? ",\"thought\":true" : "")}}}""";

    private static string Refusal(int status) => $$"""{"raised":true,"status":{{status}}}""";
}
