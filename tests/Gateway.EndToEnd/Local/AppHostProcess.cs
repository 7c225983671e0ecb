using System.Text.Json.Nodes;
using Gateway.EndToEnd.Hosting;

namespace Gateway.EndToEnd.Local;

/// <summary>The AppHost, started on a data folder and a port of its own.</summary>
internal sealed class AppHostProcess : IAsyncDisposable
{
    private const string Ready = "Gateway ready: ";
    private readonly string _data;

    private AppHostProcess(ChildProcess process, string data) => (Process, _data) = (process, data);

    public ChildProcess Process { get; }

    /// <summary>The address of the gateway.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Every process of it: services, stores and itself.</summary>
    public IEnumerable<int> Processes
    {
        get
        {
            var status = Status();
            return ((JsonObject[])[status["services"]!.AsObject(), status["stores"]!.AsObject()])
                .SelectMany(part => part)
                .Select(entry => (int?)entry.Value!["pid"])
                .OfType<int>()
                .Append((int)status["pid"]!);
        }
    }

    public static async Task<AppHostProcess> StartAsync(string data, bool stores)
    {
        var process = ChildProcess.Start(
            Repository.Built("AppHost", "Gateway.AppHost.dll"),
            stores ? [] : ["--no-stores"],
            ("Gateway__Port", "0"),
            ("Gateway__DataDirectory", data));
        var host = new AppHostProcess(process, data);
        try
        {
            host.Url = (await process.LineAsync(Ready))[Ready.Length..];
            // Its last line: everything it writes to the data folder is there by then.
            _ = await process.LineAsync("  Started in ");
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }

        return host;
    }

    public int ProcessOf(string service) => (int)Status()["services"]![service]!["pid"]!;

    public int RestartsOf(string service) => (int)Status()["services"]![service]!["restarts"]!;

    /// <summary>Ends a service as a crash would.</summary>
    public void Crash(string service) => ChildProcess.Signal(ProcessOf(service), ChildProcess.Kill);

    /// <summary>Waits until a crashed service is up again.</summary>
    public Task RestartedAsync(string service, int restarts) => Poll.UntilAsync(
        () => RestartsOf(service) >= restarts && Status()["services"]![service]!["pid"] is not null,
        () => $"{service} did not come back. Output:\n{Process.Output}");

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private JsonNode Status() => JsonNode.Parse(File.ReadAllText(Path.Combine(_data, "apphost.json")))!;
}
