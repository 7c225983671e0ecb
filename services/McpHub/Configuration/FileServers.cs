using System.Text.Json;
using Gateway.Mcp;

namespace Gateway.McpHub.Configuration;

/// <summary>A registration from a JSON file (<c>McpHub:File</c>), read again when it changes. For a hub without governance: tests, measurements, a single machine.</summary>
internal sealed partial class FileServers : BackgroundService, IHubServers
{
    /// <summary>Configuration key of the file.</summary>
    public const string FileKey = "McpHub:File";

    private const int MaxBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly string path;
    private readonly TimeProvider time;
    private readonly ILogger<FileServers> log;
    private (DateTime Written, long Length) read;
    private volatile HubServers current = HubServers.None;

    public FileServers(IConfiguration configuration, TimeProvider time, ILogger<FileServers> log)
    {
        path = configuration[FileKey]!;
        this.time = time;
        this.log = log;
        ReadIfChanged();
    }

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public HubServers Current => current;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            ReadIfChanged();
        }
    }

    private void ReadIfChanged()
    {
        try
        {
            var file = new FileInfo(path);
            var now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
            if (now == read)
            {
                return;
            }

            read = now;
            if (!file.Exists || file.Length > MaxBytes)
            {
                NotRead("it is missing or too large");
                return;
            }

            using var stream = file.OpenRead();
            var registration = JsonSerializer.Deserialize(stream, ConfigurationJson.Default.RegistrationFile) ?? new RegistrationFile();
            if (registration.Servers.Exists(static s => s.Id == McpIds.Hub) || registration.Bundles.Exists(static b => b.Id == McpIds.Hub))
            {
                OwnId(McpIds.Hub);
            }

            current = new HubServers
            {
                Servers = registration.Servers.Where(static s => s.Id != McpIds.Hub).DistinctBy(s => s.Id, StringComparer.Ordinal).ToDictionary(s => s.Id, StringComparer.Ordinal),
                Bundles = registration.Bundles.Where(static b => b.Id != McpIds.Hub).DistinctBy(b => b.Id, StringComparer.Ordinal).ToDictionary(b => b.Id, StringComparer.Ordinal),
            };
            Changed?.Invoke();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            // What was read before stays in force.
            NotRead(e.Message);
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The registration of MCP servers could not be read: {Reason}")]
    private partial void NotRead(string reason);

    [LoggerMessage(2, LogLevel.Error, "A server or bundle has the id '{Id}', which the hub's own tools are called by: it is left out. Give it another id")]
    private partial void OwnId(string id);
}

/// <summary>A registration without servers.</summary>
internal sealed class NoServers : IHubServers
{
    /// <inheritdoc/>
    public event Action? Changed
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public HubServers Current => HubServers.None;
}
