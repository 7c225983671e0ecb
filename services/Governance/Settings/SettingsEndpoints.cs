using System.Text.Json;
using Gateway.Accounts;
using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Caching;
using Gateway.Governance.Entries;
using Gateway.Governance.Routes;

namespace Gateway.Governance.Settings;

/// <summary>The one set of settings that holds for every request.</summary>
internal static class SettingsEndpoints
{
    internal const string Only = "settings";

    public static void MapSettings(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/settings").WithTags("Settings");
        ((IEndpointRouteBuilder)api).ServiceProvider.GetRequiredService<ResourceRegistry>().Add(new SettingsResource());
        group.MapGet("/", async (HttpContext context, ConfigStore store) => Show(context, await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false)))
            .WithName("getSettings").WithSummary("Reads the settings that hold for every request.")
            .Produces<Resource<GatewaySettings>>().Refuses()
            .Access("settings", AccessAction.Read);
        group.MapPut("/", (HttpContext context, ConfigStore store) => ChangeAsync(context, store, merge: false))
            .WithName("replaceSettings").WithSummary("Replaces the settings: fields left out take their defaults.")
            .Accepts<GatewaySettings>("application/json")
            .Produces<Resource<GatewaySettings>>().Refuses(400, 412, 413, 415)
            .Access("settings", AccessAction.Change);
        group.MapPatch("/", (HttpContext context, ConfigStore store) => ChangeAsync(context, store, merge: true))
            .WithName("patchSettings").WithSummary("Changes some settings (JSON merge patch: null sets a field to its default).")
            .Accepts<GatewaySettings>("application/json", "application/merge-patch+json")
            .Produces<Resource<GatewaySettings>>().Refuses(400, 412, 413, 415)
            .Access("settings", AccessAction.Change);
    }

    /// <summary>The settings in force.</summary>
    public static GatewaySettings Of(ConfigState state) => state.Settings.TryGetValue(Only, out var stored) ? stored.Value : new GatewaySettings();

    private static async Task<IResult> ChangeAsync(HttpContext context, ConfigStore store, bool merge)
    {
        var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        var condition = EntityTag.From(context.Request);
        var outcome = await store.ChangeAsync(
            state =>
            {
                var version = VersionOf(state);
                if (!condition.Allows(version))
                {
                    return ConfigChange.Refuse(Problem.Changed(version));
                }

                var input = merge ? JsonMergePatch.Apply(JsonSerializer.SerializeToElement(Of(state), StoredJson.Default.GatewaySettings), body) : body;
                var errors = new FieldErrors();
                var reader = new ObjectReader(input, "", errors);
                var settings = Read(reader);
                reader.Close();
                return errors.Any
                    ? ConfigChange.Refuse(Problem.Invalid(errors.All))
                    : ConfigChange.Of(EntryWrite.Put(EntryKinds.Settings, Only, settings, StoredJson.Default.GatewaySettings));
            },
            context.RequestAborted).ConfigureAwait(false);
        return outcome.Refused?.ToResult() ?? Show(context, outcome.State);
    }

    internal static GatewaySettings Read(ObjectReader reader)
    {
        var defaults = new GatewaySettings();
        reader.Ignore("source", "version", "createdAt", "updatedAt");
        var storage = CacheFields.Storage(reader);
        var cachePolicy = CacheFields.Defaults(reader);
        CacheFields.Check("cachePolicy", cachePolicy, storage.SharedScopes, reader.Errors);
        return new GatewaySettings
        {
            MaxRequestBytes = reader.Integer("maxRequestBytes", 1024, 1024L * 1024 * 1024) ?? defaults.MaxRequestBytes,
            MaxJsonDepth = reader.Integer("maxJsonDepth", 8, 256, defaults.MaxJsonDepth),
            DefaultOutputTokens = reader.Integer("defaultOutputTokens", 1, 10_000_000, defaults.DefaultOutputTokens),
            OutputCap = reader.Choice("outputCap", defaults.OutputCap),
            PromptEstimate = reader.Choice("promptEstimate", defaults.PromptEstimate),
            OnRevoke = reader.Choice("onRevoke", defaults.OnRevoke),
            EndUser = reader.Has("endUser") ? reader.Texts("endUser", 10, 140, EndUserForm) : defaults.EndUser,
            OnAbandon = reader.Choice("onAbandon", defaults.OnAbandon),
            Unreported = reader.Choice("unreported", defaults.Unreported),
            RequestLog = reader.Choice("requestLog", defaults.RequestLog),
            RequestLogDetail = RequestLogDetail(reader),
            Unpriced = reader.Choice("unpriced", defaults.Unpriced),
            AssumedPrice = Assumed(reader),
            BlockedTerms = reader.Texts("blockedTerms", 1000, 500),
            GuardrailFailure = reader.Choice("guardrailFailure", defaults.GuardrailFailure),
            Cache = reader.Choice("cache", defaults.Cache),
            CachePolicy = cachePolicy,
            CacheStorage = storage,
            RateLimitHeaders = reader.Boolean("rateLimitHeaders", defaults.RateLimitHeaders),
            Health = RouteParts.Health(reader),
            Telemetry = TelemetryFields.Read(reader),
            Alerts = AlertFields.Read(reader),
        };
    }

    private static RequestLogSettings RequestLogDetail(ObjectReader reader)
    {
        var defaults = new RequestLogSettings();
        if (reader.Nested("requestLogDetail") is not { } nested)
        {
            return defaults;
        }

        var detail = new RequestLogSettings
        {
            MaxBodyBytes = nested.Integer("maxBodyBytes", 1024, 1024 * 1024, defaults.MaxBodyBytes),
            ClientAddress = nested.Choice("clientAddress", defaults.ClientAddress),
            SamplePercent = nested.Integer("samplePercent", 0, 100, defaults.SamplePercent),
        };
        nested.Close();
        return detail;
    }

    private static string? Assumed(ObjectReader reader) =>
        reader.Text("assumedPrice", required: false, Formats.ModelLength, static t => t.Length == 0 || PriceBook.FindAssumed(t) is not null
            ? null : "names no model of the built-in price table: write it as provider/model, see GET /api/prices.") is { Length: > 0 } name ? name : null;

    private static string? EndUserForm(string text) => EndUserSource.TryParse(text) is null ? EndUserSource.Form + "." : null;

    private static IResult Show(HttpContext context, ConfigState state)
    {
        var body = JsonSerializer.SerializeToNode(Of(state), StoredJson.Default.GatewaySettings)!.AsObject();
        var isStored = state.Settings.TryGetValue(Only, out var stored);
        body["source"] = isStored ? "stored" : "built-in";
        if (isStored)
        {
            body["version"] = stored!.Version;
            body["createdAt"] = stored.CreatedAt;
            body["updatedAt"] = stored.UpdatedAt;
        }

        return ResourceEndpoints.One(context, new Answer(body, VersionOf(state), Only));
    }

    // Settings never written have version 0, so that the first change can be conditional too.
    private static long VersionOf(ConfigState state) => state.Settings.TryGetValue(Only, out var stored) ? stored.Version : 0;
}
