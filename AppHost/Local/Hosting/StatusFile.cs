using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gateway.AppHost.Local.Hosting;

/// <summary>A running service in <c>apphost.json</c>.</summary>
/// <param name="Url">Its address.</param>
/// <param name="Pid">Its process; null while it is being started again.</param>
/// <param name="Restarts">How often it was started again.</param>
internal sealed record ServiceStatus(string Url, int? Pid, int Restarts);

/// <summary>A store in <c>apphost.json</c>.</summary>
/// <param name="Kind"><c>embedded</c>, <c>external</c> or <c>local</c>.</param>
/// <param name="Pid">Its process, when it is local.</param>
internal sealed record StoreStatus(string Kind, int? Pid);

/// <summary>What <c>apphost.json</c> in the data folder holds while the gateway runs; no secrets.</summary>
/// <param name="Pid">This process.</param>
/// <param name="Gateway">The address users call.</param>
/// <param name="Services">By name.</param>
/// <param name="Stores">By name.</param>
internal sealed record HostStatus(int Pid, string Gateway, IReadOnlyDictionary<string, ServiceStatus> Services, IReadOnlyDictionary<string, StoreStatus> Stores);

/// <summary>Writes <c>apphost.json</c>: written when everything is healthy, after every restart, and removed at the end.</summary>
internal sealed class StatusFile(string path)
{
    private readonly Lock _gate = new();

    /// <summary>Replaces it as a whole.</summary>
    /// <param name="read">Reads the state now; called by one writer at a time, so the newest state is written last.</param>
    public void Write(Func<HostStatus> read)
    {
        lock (_gate)
        {
            var draft = path + ".new";
            File.WriteAllText(draft, JsonSerializer.Serialize(read(), StatusJson.Default.HostStatus) + "\n");
            File.Move(draft, path, overwrite: true);
        }
    }

    /// <summary>Removes it.</summary>
    public void Remove()
    {
        lock (_gate)
        {
            File.Delete(path);
        }
    }
}

/// <summary>JSON of the status file.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(HostStatus))]
internal sealed partial class StatusJson : JsonSerializerContext;
