using Gateway.EndToEnd.Clients;
using Gateway.EndToEnd.Hosting;

namespace Gateway.EndToEnd.Local;

/// <summary>The calls of the README work as pasted; only the port and the data folder differ here.</summary>
[Collection(EmbeddedGateway.Name)]
public sealed class ReadmeTests(EmbeddedGateway gateway) : GatewayTests(gateway)
{
    [Fact]
    public async Task The_curl_call_is_answered()
    {
        var shell = Repository.OnPath("sh");
        Assert.SkipWhen(shell is null || Repository.OnPath("curl") is null, "sh and curl are not both on PATH");
        var call = Snippet("sh", "dev.key");

        var (exit, output, errors) = await JavaScriptClientTests.RunAsync(shell!, Gateway.Data, ["-c", call]);

        Assert.True(exit == 0, errors);
        Assert.Contains("\"object\":\"chat.completion\"", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_javascript_call_is_answered()
    {
        var folder = Repository.PathOf("tests/Gateway.EndToEnd/node-client");
        var node = Repository.OnPath("node");
        Assert.SkipWhen(node is null, "node is not on PATH");
        await JavaScriptClientTests.InstallAsync(folder);
        var program = $"process.env.GATEWAY_KEY = '{Gateway.DevKey}';\n" + Snippet("js", "openai");

        var (exit, output, errors) = await JavaScriptClientTests.RunAsync(node!, folder, ["--input-type=module", "--eval", program]);

        Assert.True(exit == 0, errors);
        Assert.Contains("demo model", output, StringComparison.Ordinal);
    }

    private string Snippet(string language, string containing)
    {
        var readme = File.ReadAllText(Repository.PathOf("README.md"));
        return readme.Split($"```{language}\n").Skip(1).Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)])
            .First(snippet => snippet.Contains(containing, StringComparison.Ordinal))
            .Replace("http://localhost:8080", Gateway.Url, StringComparison.Ordinal)
            .Replace(".gateway/", Gateway.Data + "/", StringComparison.Ordinal);
    }
}
