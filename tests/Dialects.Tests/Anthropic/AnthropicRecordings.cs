using System.Text;
using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace Gateway.Dialects.Tests.Anthropic;

/// <summary>One recorded exchange in Anthropic's dialect.</summary>
internal sealed record AnthropicRecording(string Name, string? Request, int Status, bool IsStream, byte[] Body);

/// <summary>All recordings in Anthropic's dialect, also those of Vertex AI and of Bedrock's own endpoint for Claude.</summary>
internal static class AnthropicRecordings
{
    public static string Root { get; } = Path.Combine(SourceTree.SharedData, "recorded");

    public static IEnumerable<AnthropicRecording> All()
    {
        Assert.SkipUnless(Directory.Exists(Root), "The recordings are not beside the project.");
        return [.. VercelAi(), .. Prism(), .. Sdk(), .. SdkSnapshots(), .. Fantasy().Where(static r => !IsBinary(r))];
    }

    /// <summary>Recordings whose stream is an event stream of Bedrock's with Anthropic's events in it.</summary>
    public static IEnumerable<AnthropicRecording> Binary()
    {
        Assert.SkipUnless(Directory.Exists(Root), "The recordings are not beside the project.");
        return Fantasy().Where(IsBinary);
    }

    private static bool IsBinary(AnthropicRecording recording) => recording.IsStream && recording.Body is [0, ..];

    private static IEnumerable<AnthropicRecording> VercelAi()
    {
        foreach (var file in Files("vercel-ai/packages/anthropic/src/__fixtures__"))
        {
            if (file.EndsWith(".json", StringComparison.Ordinal))
            {
                yield return new(Name(file), null, 200, false, File.ReadAllBytes(file));
            }
            else
            {
                // Some files hold the answers of several turns one after the other.
                var turn = new List<string>();
                var index = 0;
                foreach (var payload in File.ReadLines(file).Where(static p => p.Length > 0))
                {
                    turn.Add(payload);
                    if (payload.Contains("\"type\":\"message_stop\"", StringComparison.Ordinal))
                    {
                        yield return new($"{Name(file)}#{index++}", null, 200, true, Frame(turn));
                        turn.Clear();
                    }
                }

                if (turn.Count > 0)
                {
                    yield return new($"{Name(file)}#{index}", null, 200, true, Frame(turn));
                }
            }
        }
    }

    private static IEnumerable<AnthropicRecording> Prism() =>
        Files("prism-php/tests/Fixtures/anthropic").Select(static f => new AnthropicRecording(Name(f), null, 200, f.EndsWith(".sse", StringComparison.Ordinal), File.ReadAllBytes(f)));

    private static IEnumerable<AnthropicRecording> Sdk() =>
        Files("anthropic-sdk/tests").Where(static f => !f.EndsWith(".json", StringComparison.Ordinal)).Select(static f => new AnthropicRecording(Name(f), null, 200, true, File.ReadAllBytes(f)));

    private static IEnumerable<AnthropicRecording> SdkSnapshots()
    {
        foreach (var file in Files("anthropic-sdk/tests").Where(static f => f.EndsWith(".json", StringComparison.Ordinal)))
        {
            var index = 0;
            foreach (var exchange in JsonElement.Parse(File.ReadAllBytes(file)).EnumerateArray())
            {
                var response = exchange.GetProperty("response");
                var body = response.GetProperty("body");
                var text = body.ValueKind == JsonValueKind.String;
                yield return new(
                    $"{Name(file)}#{index++}", exchange.GetProperty("request").GetProperty("body").GetRawText(), response.GetProperty("status_code").GetInt32(), text,
                    Encoding.UTF8.GetBytes(text ? body.GetString()! : body.GetRawText()));
            }
        }
    }

    private static IEnumerable<AnthropicRecording> Fantasy()
    {
        foreach (var file in Files("fantasy/providertests/testdata").Where(static f => f.EndsWith(".yaml", StringComparison.Ordinal)))
        {
            var yaml = new YamlStream();
            using var reader = new StreamReader(file);
            yaml.Load(reader);
            var index = 0;
            foreach (var interaction in (YamlSequenceNode)yaml.Documents[0].RootNode["interactions"])
            {
                var request = interaction["request"];
                var url = Text(request["url"]);
                if (url.StartsWith("https://api.anthropic.com", StringComparison.Ordinal) || url.Contains("publishers/anthropic", StringComparison.Ordinal)
                    || (url.Contains("bedrock-runtime", StringComparison.Ordinal) && url.Contains("/invoke", StringComparison.Ordinal)))
                {
                    var response = interaction["response"];
                    var body = (YamlScalarNode)response["body"];
                    var bytes = body.Tag.ToString().EndsWith("binary", StringComparison.Ordinal) ? Convert.FromBase64String(body.Value!) : Encoding.UTF8.GetBytes(body.Value!);
                    var isStream = !bytes.AsSpan().StartsWith("{"u8);
                    yield return new($"{Name(file)}#{index++}", Text(request["body"]), int.Parse(Text(response["code"]), null), isStream, bytes);
                }
            }
        }
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    private static string Name(string file) => Path.GetRelativePath(Root, file);

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder.Replace('/', Path.DirectorySeparatorChar)), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    private static byte[] Frame(IEnumerable<string> payloads)
    {
        var text = new StringBuilder();
        foreach (var payload in payloads.Where(static p => p.Length > 0))
        {
            text.Append("event: ").Append(JsonElement.Parse(payload).GetProperty("type").GetString()).Append("\ndata: ").Append(payload).Append("\n\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
