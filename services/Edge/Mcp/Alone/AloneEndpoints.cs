using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.Contracts;
using Gateway.Contracts.Mcp;
using Gateway.Edge.RequestLog.Delivery;
using Gateway.ServiceDefaults.InternalAuth;

namespace Gateway.Edge.Mcp.Alone;

/// <summary>
/// What a hub asks of governance, answered by an edge that runs alone on a file: its configuration, and where to put what it has to tell. Only with the internal token, and only where one is configured; see
/// docs/adr/hub-of-an-edge-alone.md.
/// </summary>
internal sealed class AloneEndpoints(HubConfiguration configuration, WithheldTools withheld, LogFile calls) : IAsyncDisposable
{
    private const int MostSeconds = 60;
    private const int MostCalls = 500;

    // Versions of the file count in the edge's clock.
    private const string Source = "edge-file";

    private readonly SemaphoreSlim _writing = new(1, 1);

    /// <summary>Maps the addresses.</summary>
    public void Map(IEndpointRouteBuilder app)
    {
        var group = app.MapGroup("/internal").RequireInternalToken();
        group.MapGet("/snapshot", (RequestDelegate)SnapshotAsync);
        group.MapPost("/mcp/tools", (RequestDelegate)ToolsAsync);
        group.MapPost("/mcp/calls", (RequestDelegate)CallsAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await calls.DisposeAsync().ConfigureAwait(false);
        _writing.Dispose();
    }

    private async Task SnapshotAsync(HttpContext http)
    {
        http.Response.Headers[WireNames.SnapshotSourceHeader] = Source;
        var isOurs = !http.Request.Headers.TryGetValue(WireNames.SnapshotSourceHeader, out var source) || source == Source;
        var wait = TimeSpan.FromSeconds(Math.Clamp(Number(http, "waitSeconds"), 0, MostSeconds));
        if (await configuration.AfterAsync(isOurs ? Number(http, "after") : 0, wait, http.RequestAborted).ConfigureAwait(false) is not { } image)
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var json = image.ToJson();
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = json.Length;
        await http.Response.Body.WriteAsync(json, http.RequestAborted).ConfigureAwait(false);
    }

    private async Task ToolsAsync(HttpContext http)
    {
        if (await ReadAsync(http, ContractsJson.Default.McpToolReport).ConfigureAwait(false) is { } report)
        {
            await http.Response.WriteAsJsonAsync(new McpToolAck { Changed = withheld.Take(report) }, ContractsJson.Default.McpToolAck, cancellationToken: http.RequestAborted).ConfigureAwait(false);
        }
    }

    private async Task CallsAsync(HttpContext http)
    {
        if (await ReadAsync(http, ContractsJson.Default.McpCallBatch).ConfigureAwait(false) is not { } batch)
        {
            return;
        }

        if (batch.Calls.Count > MostCalls)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        using var lines = new MemoryStream();
        foreach (var call in batch.Calls)
        {
            await JsonSerializer.SerializeAsync(lines, call, ContractsJson.Default.McpCallRecord, http.RequestAborted).ConfigureAwait(false);
            lines.WriteByte((byte)'\n');
        }

        await _writing.WaitAsync(http.RequestAborted).ConfigureAwait(false);
        try
        {
            if (await calls.WriteAsync(lines.GetBuffer().AsMemory(0, (int)lines.Length), CancellationToken.None).ConfigureAwait(false) is not null)
            {
                // The hub keeps them and comes again.
                http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }
        }
        finally
        {
            _writing.Release();
        }

        await http.Response.WriteAsJsonAsync(new McpCallAck { Stored = batch.Calls.Count, Duplicates = 0 }, ContractsJson.Default.McpCallAck, cancellationToken: http.RequestAborted).ConfigureAwait(false);
    }

    private static long Number(HttpContext http, string name) =>
        long.TryParse(http.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static async ValueTask<T?> ReadAsync<T>(HttpContext http, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            if (await http.Request.ReadFromJsonAsync(type, http.RequestAborted).ConfigureAwait(false) is { } read)
            {
                return read;
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Told below.
        }

        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        return null;
    }
}
