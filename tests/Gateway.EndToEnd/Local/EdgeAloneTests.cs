using System.ClientModel;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gateway.EndToEnd.Hosting;
using OpenAI;
using OpenAI.Chat;

namespace Gateway.EndToEnd.Local;

/// <summary>The edge on a configuration file, with no other service.</summary>
public sealed class EdgeAloneTests : IDisposable
{
    private static readonly TimeSpan _exitLimit = TimeSpan.FromSeconds(60);
    private static readonly string _example = Repository.PathOf("docs/gateway.example.yaml");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-e2e-");

    [Fact]
    public async Task The_example_file_serves_the_demo_to_the_key_written_in_it()
    {
        // The line of the example reads: value: gw-…
        var key = File.ReadLines(_example).Select(line => line.Trim()).Single(line => line.StartsWith("value: ", StringComparison.Ordinal))["value: ".Length..];
        var port = Ports.Free();
        await using var edge = Start(_example, port);
        Assert.Contains($":{port}", await edge.LineAsync("Gateway ready: "), StringComparison.Ordinal);
        var options = new OpenAIClientOptions { Endpoint = new Uri($"http://localhost:{port}/v1") };

        foreach (var model in (string[])["demo", "assistant"])
        {
            ChatCompletion answer = await new ChatClient(model, new ApiKeyCredential(key), options).CompleteChatAsync("Hello");
            Assert.Contains("demo", answer.Content[0].Text, StringComparison.Ordinal);
        }

        var streamed = "";
        await foreach (var update in new ChatClient("demo", new ApiKeyCredential(key), options).CompleteChatStreamingAsync("Hello"))
        {
            streamed += string.Concat(update.ContentUpdate.Select(part => part.Text));
        }

        Assert.Contains("demo", streamed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_with_errors_names_the_place_and_key_of_each_and_ends_with_78()
    {
        var file = Path.Combine(_folder.FullName, "broken.yaml");
        await File.WriteAllTextAsync(
            file,
            """
            version: 1
            routs: {}
            keys:
              example:
                value: short
            settings:
              maxJsonDepth: many
            """,
            TestContext.Current.CancellationToken);
        await using var edge = Start(file, Ports.Free());

        Assert.Equal(78, await edge.ExitAsync(_exitLimit));
        Assert.Contains("2:1: routs:", edge.Output, StringComparison.Ordinal);
        Assert.Contains("5:12: keys.example.value:", edge.Output, StringComparison.Ordinal);
        Assert.Contains("7:17: settings.maxJsonDepth:", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        var file = Path.Combine(_folder.FullName, "missing.yaml");
        await using var edge = Start(file, Ports.Free());

        Assert.Equal(78, await edge.ExitAsync(_exitLimit));
        Assert.Contains(file, edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said_in_one_line()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        await using var edge = Start(_example, port);

        Assert.NotEqual(0, await edge.ExitAsync(_exitLimit));
        Assert.Contains($"Port {port} is taken", edge.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", edge.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private ChildProcess Start(string file, int port) => ChildProcess.Start(
        Repository.Built("services/Edge", "Gateway.Edge.dll"),
        ["--config", file],
        ("Gateway__Port", port.ToString(CultureInfo.InvariantCulture)),
        ("Gateway__DataDirectory", Path.Combine(_folder.FullName, "data")));
}
