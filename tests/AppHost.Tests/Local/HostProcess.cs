using System.Diagnostics;
using Gateway.AppHost.Local.Hosting;
using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Tests.Local;

/// <summary>A host running as a process of its own, as users run it.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);
    private readonly Process _process;
    private readonly List<string> _lines = [];
    private readonly Lock _gate = new();
    private readonly Task _reading;

    private HostProcess(Process process, string data)
    {
        (_process, Data) = (process, data);
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
    }

    public static HttpClient Http { get; } = new();

    public string Data { get; }

    public int Id => _process.Id;

    public string Output
    {
        get
        {
            lock (_gate)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>The host on the fakes.</summary>
    public static HostProcess StartFake(string data, string arguments = "--port 0 --no-stores", params (string Name, string? Value)[] environment) =>
        Start(Built("tests/AppHost.Fake", "Gateway.AppHost.Fake.dll"), data, "host " + arguments, environment);

    /// <summary>The true one.</summary>
    public static HostProcess StartTrue(string data, string arguments = "--port 0 --no-stores", params (string Name, string? Value)[] environment) =>
        Start(Built("AppHost", "Gateway.AppHost.dll"), data, arguments, environment);

    public async Task<HostProcess> ReadyAsync()
    {
        await WaitForAsync(() => Output.Contains(Banner.ReadyPrefix, StringComparison.Ordinal) && Output.Contains("Ctrl-C", StringComparison.Ordinal), "the banner");
        return this;
    }

    public HostStatus Status() =>
        System.Text.Json.JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(Data, "apphost.json")), StatusJson.Default.HostStatus)!;

    public async Task<string> EnvironmentAsync(string service, string variable) =>
        await Http.GetStringAsync(new Uri($"{Status().Services[service].Url}/environment/{variable}"), TestContext.Current.CancellationToken);

    public async Task PostAsync(string service, string path)
    {
        try
        {
            using var response = await Http.PostAsync(new Uri($"{Status().Services[service].Url}/{path}"), null, TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException)
        {
            // A crash takes the answer with it.
        }
    }

    public void Send(Signal signal) => _ = NativeMethods.Kill(_process.Id, (int)signal);

    /// <summary>Waits for the end; the exit code.</summary>
    public async Task<int> ExitAsync(TimeSpan? limit = null)
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(limit ?? _patience, TestContext.Current.CancellationToken);
        await _reading.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async Task WaitForAsync(Func<bool> condition, string what)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(began) > _patience || (_process.HasExited && !condition()))
            {
                Assert.Fail($"Waited in vain for {what}. Output:\n{Output}");
            }

            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Send(Signal.Terminate);
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            await _process.WaitForExitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    private static HostProcess Start(string assembly, string data, string arguments, (string Name, string? Value)[] environment)
    {
        var start = new ProcessStartInfo(Programs.Dotnet) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in (string[])[assembly, .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--data", data])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in (string[])["ConnectionStrings__redis", "ConnectionStrings__gatewaydb", "ConnectionStrings__qdrant", "Gateway__Port", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"])
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new HostProcess(Process.Start(start)!, data);
    }

    // tests/AppHost.Tests/bin/<configuration>/<framework>/ is where this runs.
    private static string Built(string project, string assembly)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var root = here.Parent!.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, project, "bin", here.Parent.Name, here.Name, assembly);
    }

    private async Task ReadAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (_gate)
            {
                _lines.Add(line);
            }
        }
    }
}
