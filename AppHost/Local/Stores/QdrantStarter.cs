using System.Globalization;
using Gateway.AppHost.Local.Hosting;
using Gateway.AppHost.Local.Processes;

namespace Gateway.AppHost.Local.Stores;

/// <summary>Runs <c>qdrant</c> on loopback, with a key made for this run and its data below the data folder.</summary>
internal static class QdrantStarter
{
    /// <summary>External, started here, or embedded.</summary>
    public static async Task<StoreOutcome> StartAsync(string name, StoreContext context, CancellationToken cancellationToken)
    {
        if (context.External(name, name, name + "_http") is { } external)
        {
            return external;
        }

        if (context.FindProgram("qdrant") is not { } program)
        {
            return StoreOutcome.Embedded(name, "embedded (vectors in the cache service)");
        }

        var (http, grpc, key) = (context.TakePort(), context.TakePort(), Secrets.NewPassword());
        var folder = Path.Combine(context.DataDirectory, "qdrant");
        Directory.CreateDirectory(folder);
        var environment = new Dictionary<string, string?>
        {
            ["QDRANT__SERVICE__HOST"] = "127.0.0.1",
            ["QDRANT__SERVICE__HTTP_PORT"] = http.ToString(CultureInfo.InvariantCulture),
            ["QDRANT__SERVICE__GRPC_PORT"] = grpc.ToString(CultureInfo.InvariantCulture),
            ["QDRANT__SERVICE__API_KEY"] = key,
            ["QDRANT__STORAGE__STORAGE_PATH"] = Path.Combine(folder, "storage"),
            ["QDRANT__STORAGE__SNAPSHOTS_PATH"] = Path.Combine(folder, "snapshots"),
            ["QDRANT__TELEMETRY_DISABLED"] = "true",
        };
        var process = new SupervisedProcess
        {
            Name = name,
            Command = new ChildCommand { File = program, Environment = environment, WorkingDirectory = folder },
            Probe = token => new HealthProbe(context.Http).AnswersAsync(new Uri($"http://127.0.0.1:{http}/readyz"), key, token),
            StartLimit = TimeSpan.FromSeconds(20),
            StartAttempts = 1,
        };
        // The two names and their form are those that Aspire passes on: gRPC, and REST with the suffix.
        return await context.StartAsync(process, "The embedded vector index", cancellationToken).ConfigureAwait(false) is { } supervisor
            ? new StoreOutcome(name, StoreKind.Local, $"qdrant, data in {folder}", new Dictionary<string, string>
            {
                [name] = $"Endpoint=http://127.0.0.1:{grpc};Key={key}",
                [name + "_http"] = $"Endpoint=http://127.0.0.1:{http};Key={key}",
            }, supervisor)
            : StoreOutcome.Embedded(name, "embedded (vectors in the cache service; qdrant did not start)");
    }
}
