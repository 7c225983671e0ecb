using System.Globalization;
using System.Text;
using Gateway.Recordings.Framing;
using YamlDotNet.RepresentationModel;

namespace Gateway.Recordings.Sources;

/// <summary>fantasy and envoy-ai-gateway: YAML cassettes of go-vcr, whole interactions, bodies as text or base64.</summary>
internal static class GoVcrCassettes
{
    public static IEnumerable<Recording> Read(string path, string file)
    {
        using var reader = new StreamReader(file);
        var yaml = new YamlStream();
        yaml.Load(reader);
        var interactions = (YamlSequenceNode)yaml.Documents[0].RootNode["interactions"];
        for (var i = 0; i < interactions.Children.Count; i++)
        {
            yield return Read(path + "#" + i.ToString(CultureInfo.InvariantCulture), interactions.Children[i]);
        }
    }

    private static Recording Read(string id, YamlNode interaction)
    {
        var request = (YamlMappingNode)interaction["request"];
        var response = (YamlMappingNode)interaction["response"];
        var url = new Uri(Text(request, "url"));
        var method = Text(request, "method");
        var body = Bytes(response["body"]);
        var type = Header(response, "Content-Type");
        var sent = Bytes(request["body"]);
        var recording = new Recording
        {
            Id = id,
            Source = id[..id.IndexOf('/', StringComparison.Ordinal)],
            Provider = ProviderOf(url.Host),
            Operation = Classification.OfAddress(method, url.PathAndQuery),
            Status = int.Parse(Text(response, "code"), CultureInfo.InvariantCulture),
            ResponseContentType = type,
            ResponseBody = body,
            Request = new RecordedRequest(method, url.PathAndQuery, Header(request, "Content-Type"), sent) { Host = url.Host },
        };
        return recording.Operation == Operation.Messages && type.StartsWith("application/vnd.amazon.eventstream", StringComparison.Ordinal)
            ? recording with { ResponseContentType = "text/event-stream", ResponseBody = SseFraming.Frame([.. EventStreamFraming.InvokeModelEvents(body)], Operation.Messages), OriginalBody = body }
            : recording;
    }

    private static string ProviderOf(string host) => host switch
    {
        "api.openai.com" => "openai",
        "api.anthropic.com" => "anthropic",
        "openrouter.ai" => "openrouter",
        "api.groq.com" => "groq",
        "api.x.ai" => "xai",
        "api.z.ai" => "zai",
        "api.avian.io" => "avian",
        "localhost" => "llama.cpp",
        "router.huggingface.co" => "huggingface",
        "ai-gateway.vercel.sh" => "vercel",
        "generativelanguage.googleapis.com" => "google",
        _ when host.EndsWith("aiplatform.googleapis.com", StringComparison.Ordinal) => "vertex",
        _ when host.EndsWith("azure.com", StringComparison.Ordinal) => "azure",
        _ when host.StartsWith("bedrock", StringComparison.Ordinal) => "bedrock",
        _ => host,
    };

    private static string Text(YamlMappingNode node, string key) => ((YamlScalarNode)node[key]).Value!;

    private static byte[] Bytes(YamlNode node)
    {
        var scalar = (YamlScalarNode)node;
        return !scalar.Tag.IsEmpty && scalar.Tag.Value.EndsWith(":binary", StringComparison.Ordinal)
            ? Convert.FromBase64String(scalar.Value!)
            : Encoding.UTF8.GetBytes(scalar.Value ?? "");
    }

    private static string Header(YamlMappingNode node, string name)
        => node["headers"] is YamlMappingNode headers && headers.Children.TryGetValue(new YamlScalarNode(name), out var values) && values is YamlSequenceNode { Children.Count: > 0 } list
            ? ((YamlScalarNode)list.Children[0]).Value!
            : "";
}
