using System.Text.Json;
using System.Text.Json.Serialization;
using Gateway.Governance.Access;
using Gateway.Governance.Api;

namespace Gateway.Governance.Credentials;

/// <summary>The key ring, without its keys.</summary>
public sealed record KeyRingView
{
    /// <summary>The key that seals.</summary>
    public required string Current { get; init; }

    /// <summary>True when nothing waits to be sealed anew by the current key.</summary>
    public required bool Settled { get; init; }

    /// <summary>The keys, the current one first.</summary>
    public required IReadOnlyList<KeyRingKeyView> Keys { get; init; }

    /// <summary>Keys that something is sealed by and that are not in the ring: their secrets cannot be read, and have to be stored anew.</summary>
    public required IReadOnlyList<KeyRingKeyView> Lost { get; init; }
}

/// <summary>A key of the ring.</summary>
public sealed record KeyRingKeyView
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>When it was made; absent where that is not known.</summary>
    public DateTimeOffset? MadeAt { get; init; }

    /// <summary>What it seals, by kind of thing: <c>credentials</c>, <c>channels</c>, <c>history</c> and <c>idempotencyAnswers</c>.</summary>
    public required IReadOnlyDictionary<string, long> Seals { get; init; }
}

/// <summary><c>/api/keyring</c>.</summary>
internal static class KeyRingEndpoints
{
    private const string Kind = "keyring";

    public static void MapKeyRing(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/keyring").WithTags("Key ring");
        group.MapGet("/", async (HttpContext context, KeyRing ring, KeyRotation rotation) => Results.Json(await ViewAsync(ring, rotation, context.RequestAborted).ConfigureAwait(false), KeyRingViewJson.Default.KeyRingView))
            .WithName("getKeyRing").WithSummary("The ids of the keys that seal stored secrets, their ages and what each seals.")
            .Produces<KeyRingView>().Refuses().Access(Kind, AccessAction.Read);
        group.MapPost("/rotate", async (HttpContext context, KeyRing ring, KeyRotation rotation) =>
            {
                await rotation.AddKeyAsync(context.RequestAborted).ConfigureAwait(false);
                return Results.Json(await ViewAsync(ring, rotation, context.RequestAborted).ConfigureAwait(false), KeyRingViewJson.Default.KeyRingView);
            })
            .WithName("rotateKeyRing").WithSummary("Adds a key that seals from now on, and has everything sealed anew by it in the background.")
            .Produces<KeyRingView>().Refuses().Access(Kind, AccessAction.Rotate);
        group.MapDelete("/{key}", async (HttpContext context, KeyRotation rotation, string key) =>
                (await rotation.RetireAsync(key, context.RequestAborted).ConfigureAwait(false))?.ToResult() ?? Results.NoContent())
            .WithName("retireKeyRingKey").WithSummary("Takes a key out of the ring; refused while something is sealed by it.")
            .Produces(204).Refuses(404, 409).Access(Kind, AccessAction.Delete);
    }

    private static async Task<KeyRingView> ViewAsync(KeyRing ring, KeyRotation rotation, CancellationToken cancellation)
    {
        var counts = await rotation.CountAsync(cancellation).ConfigureAwait(false);
        var file = ring.File;
        return new KeyRingView
        {
            Current = file.Current,
            Settled = !counts.Keys.Any(k => k != file.Current && file.Keys.ContainsKey(k)),
            Keys = [.. file.Keys.Keys.OrderBy(k => k == file.Current ? 0 : 1).ThenBy(k => k, StringComparer.Ordinal).Select(View)],
            Lost = [.. counts.Keys.Where(k => !file.Keys.ContainsKey(k)).Select(View)],
        };

        KeyRingKeyView View(string id) => new()
        {
            Id = id,
            MadeAt = file.Made is { } made && made.TryGetValue(id, out var at) ? at : null,
            Seals = counts.Of(id),
        };
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeyRingView))]
internal sealed partial class KeyRingViewJson : JsonSerializerContext;
