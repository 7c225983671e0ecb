using System.Collections.Concurrent;
using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.ControlPlane;
using Gateway.Edge.Configuration;
using Microsoft.Extensions.Logging;

namespace Gateway.Edge.Tests.Configuration;

public sealed class GatewayFileSourceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gateway-source-");
    private readonly RecordingSink _sink = new();
    private readonly RecordingLogger _log = new();

    private string FilePath => Path.Combine(_folder.FullName, "gateway.yaml");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_file_is_in_force_when_start_returns()
    {
        Write(Yaml("first"));
        using var source = await StartAsync();

        Assert.Equal("first", Assert.Single(_sink.Applied).Keys[0].Name);
        await StopAsync(source);
    }

    [Fact]
    public async Task A_bad_file_at_start_fails_the_start_with_every_error()
    {
        Write("version: 9\nfoo: 1\n");

        var e = await Assert.ThrowsAsync<InvalidDataException>(StartAsync);

        Assert.Contains("version: '9' is out of range", e.Message, StringComparison.Ordinal);
        Assert.Contains("foo: This key is unknown", e.Message, StringComparison.Ordinal);
        Assert.Empty(_sink.Applied);
    }

    [Fact]
    public async Task A_change_is_applied_with_a_higher_version()
    {
        Write(Yaml("first"));
        using var source = await StartAsync();

        Write(Yaml("second"));

        await UntilAsync(() => _sink.LastName == "second");
        var versions = _sink.Applied.Select(s => s.Version).ToList();
        Assert.Equal(versions.Order().Distinct(), versions);
        await StopAsync(source);
    }

    [Fact]
    public async Task A_file_replaced_by_rename_is_noticed()
    {
        Write(Yaml("first"));
        using var source = await StartAsync();

        var draft = Path.Combine(_folder.FullName, "draft");
        await File.WriteAllTextAsync(draft, Yaml("second"), TestContext.Current.CancellationToken);
        File.Move(draft, FilePath, overwrite: true);

        await UntilAsync(() => _sink.LastName == "second");
        await StopAsync(source);
    }

    [Fact]
    public async Task A_swapped_link_as_in_a_mounted_config_map_is_noticed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege on Windows");
        foreach (var name in (string[])["one", "two"])
        {
            Directory.CreateDirectory(Path.Combine(_folder.FullName, name));
            await File.WriteAllTextAsync(Path.Combine(_folder.FullName, name, "gateway.yaml"), Yaml(name), TestContext.Current.CancellationToken);
        }

        Directory.CreateSymbolicLink(Path.Combine(_folder.FullName, "..data"), "one");
        File.CreateSymbolicLink(FilePath, Path.Combine("..data", "gateway.yaml"));
        using var source = await StartAsync();
        Assert.Equal("one", _sink.LastName);

        Directory.Delete(Path.Combine(_folder.FullName, "..data"));
        Directory.CreateSymbolicLink(Path.Combine(_folder.FullName, "..data"), "two");

        await UntilAsync(() => _sink.LastName == "two");
        await StopAsync(source);
    }

    [Fact]
    public async Task A_secret_file_outside_the_folder_is_noticed_too()
    {
        var elsewhere = Directory.CreateTempSubdirectory("gateway-secret-");
        try
        {
            var secret = Path.Combine(elsewhere.FullName, "key");
            await File.WriteAllTextAsync(secret, "sk-1", TestContext.Current.CancellationToken);
            Write(Yaml("first") + $"providers: {{openai: {{apiKey: '${{file:{secret}}}', models: []}}}}\n");
            using var source = await StartAsync();

            await File.WriteAllTextAsync(secret, "sk-2", TestContext.Current.CancellationToken);

            await UntilAsync(() => _sink.Applied[^1].Credentials[0].Secret == "sk-2");
            await StopAsync(source);
        }
        finally
        {
            elsewhere.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_bad_change_keeps_the_last_good_and_logs_each_error_once()
    {
        Write(Yaml("first"));
        using var source = await StartAsync();

        Write("version: 1\nfoo: 1\nbar: 2\n");
        await UntilAsync(() => _log.Errors.Any(e => e.Contains("stays in force", StringComparison.Ordinal)));
        Write(Yaml("second"));
        await UntilAsync(() => _sink.LastName == "second");

        Assert.Equal(2, _sink.Applied.Count);
        Assert.Single(_log.Errors, e => e.Contains("2:1: foo: This key is unknown", StringComparison.Ordinal));
        Assert.Single(_log.Errors, e => e.Contains("3:1: bar: This key is unknown", StringComparison.Ordinal));
        await StopAsync(source);
    }

    [Fact]
    public async Task A_snapshot_that_the_sink_refuses_is_logged_and_a_later_one_is_taken()
    {
        Write(Yaml("first"));
        using var source = await StartAsync();

        _sink.Refuse = "refused";
        Write(Yaml("refused"));
        await UntilAsync(() => _log.Errors.Any(e => e.Contains("the sink does not like it", StringComparison.Ordinal)));
        Write(Yaml("third"));

        await UntilAsync(() => _sink.LastName == "third");
        await StopAsync(source);
    }

    [Fact]
    public async Task A_file_that_vanishes_and_comes_back_is_followed()
    {
        Write(Yaml("first"));
        using var source = await StartAsync();

        File.Delete(FilePath);
        await UntilAsync(() => _log.Errors.Any(e => e.Contains("does not exist", StringComparison.Ordinal)));
        Write(Yaml("second"));

        await UntilAsync(() => _sink.LastName == "second");
        await StopAsync(source);
    }

    [Fact]
    public async Task Local_providers_are_asked_for_only_when_the_file_lets_them_in()
    {
        Write(Yaml("first"));
        using (var source = await StartAsync())
        {
            Assert.Equal(0, _asked);
            await StopAsync(source);
        }

        Write(Yaml("second").Replace("autoProviders: false", "routes: {local: ollama/llama3}", StringComparison.Ordinal));
        using (var source = await StartAsync())
        {
            Assert.Equal(1, _asked);
            Assert.Contains(_sink.Applied[^1].Routes, r => r.Name == "llama3");
            await StopAsync(source);
        }
    }

    private int _asked;

    private static string Yaml(string name) => $"version: 1\nautoProviders: false\nkeys: {{k: {{name: {name}, value: gw-0123456789abcdef}}}}\n";

    private void Write(string text) => File.WriteAllText(FilePath, text);

    private async Task<GatewayFileSource> StartAsync()
    {
        var options = new GatewayFileSourceOptions
        {
            Path = FilePath,
            GetEnvironmentVariable = _ => null,
            FindLocal = _ =>
            {
                _asked++;
                DeploymentEntry[] deployments = [.. ProviderModels.Deployments("ollama", null, ["llama3"])];
                return Task.FromResult<DetectedProviders?>(new DetectedProviders
                {
                    Providers = [new ProviderEntry { Id = "ollama", BaseUrl = "http://127.0.0.1:11434/v1" }],
                    Deployments = deployments,
                    Routes = ProviderModels.Routes(deployments),
                });
            },
        };
        var source = new GatewayFileSource(options, _sink, TimeProvider.System, _log);
        await source.StartAsync(TestContext.Current.CancellationToken);
        return source;
    }

    private static Task StopAsync(GatewayFileSource source) => source.StopAsync(TestContext.Current.CancellationToken);

    private Task UntilAsync(Func<bool> condition) => Eventually.TrueAsync(condition, () => $"Not in time. Log: {string.Join('\n', _log.Errors)}");

    private sealed class RecordingSink : ISnapshotSink
    {
        private readonly ConcurrentQueue<GatewaySnapshot> _applied = new();

        public string? Refuse { get; set; }

        public List<GatewaySnapshot> Applied => [.. _applied];

        public string LastName => Applied[^1].Keys[0].Name;

        public IReadOnlyList<string> Apply(GatewaySnapshot snapshot)
        {
            if (snapshot.Keys[0].Name == Refuse)
            {
                return ["the sink does not like it"];
            }

            _applied.Enqueue(snapshot);
            return [];
        }
    }

    private sealed class RecordingLogger : ILogger<GatewayFileSource>
    {
        private readonly ConcurrentQueue<string> _errors = new();

        public List<string> Errors => [.. _errors];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Error)
            {
                _errors.Enqueue(formatter(state, exception));
            }
        }
    }
}
