using Gateway.Catalogue;
using Gateway.Contracts.Configuration;
using Gateway.Governance.Access;
using Gateway.Governance.Api;
using Gateway.Governance.Entries;
using Gateway.Governance.Providers;

namespace Gateway.Governance.Prices;

/// <summary>The price table, which price applies and why, and re-rating.</summary>
internal static class PriceEndpoints
{
    private const string Kind = "price";
    private const int MostDays = 3_660;

    public static void MapPrices(this RouteGroupBuilder api)
    {
        var group = api.MapGroup("/prices").WithTags("Prices");
        group.MapGet("/", List)
            .WithName("listPrices")
            .WithSummary("The built-in price table, by provider and model.")
            .WithDescription(
                $"`provider` is a provider's name in the table, `model` a part of the model's name. `doubtful=true` lists the figures that are not billed by, each with the reason. "
                + $"`limit` is 1 to {ResourceEndpoints.MostItems}, default {ResourceEndpoints.DefaultLimit}; `after` is the `next` of the page before.")
            .Produces<PricePage>().Refuses(400)
            .Access(Kind, AccessAction.List);
        group.MapGet("/resolve", ResolveAsync)
            .WithName("resolvePrice")
            .WithSummary("Which price applies to a model, for a customer, at a moment, and why.")
            .WithDescription("Name a `deployment`, or a `provider` and a `model`; `customer` and `at` (default now) are optional. With a deployment `model` is only needed where the deployment takes any.")
            .Produces<PriceResolution>().Refuses(400, 404)
            .Access(Kind, AccessAction.Read);
        group.MapPost("/rerate", StartAsync)
            .WithName("startRerating")
            .WithSummary("Rates stored records again by the prices in force now, without touching their token counts.")
            .WithDescription(
                "`from` (inclusive) and `to` (exclusive) are required; `provider`, `deployment`, `model`, `customer`, `key` and `priceVersion` narrow it, `dryRun: true` only counts. "
                + "It runs in the background, goes on after a restart, and a second run changes nothing.")
            .Accepts<RerateFilter>("application/json")
            .Produces<ReratingView>(202).Refuses(400, 413, 415)
            .Access(Kind, AccessAction.Run);
        group.MapGet("/rerate/{id}", ShowAsync)
            .WithName("getRerating")
            .WithSummary("How far a run of re-rating is and what it changed.")
            .Produces<ReratingView>().Refuses(404)
            .Access(Kind, AccessAction.Read);
    }

    private static IResult List(HttpContext context, string? provider, string? model, bool? doubtful, int? limit, string? after)
    {
        var errors = QueryFields.Unknown(context, "provider", "model", "doubtful", "limit", "after");
        QueryFields.CheckLimit(limit, errors);
        return errors.Any
            ? Problem.Invalid(errors.All).ToResult()
            : Results.Json(PriceList.Page(provider, model, doubtful ?? false, limit ?? ResourceEndpoints.DefaultLimit, after), PriceJson.Default.PricePage);
    }

    private static async Task<IResult> ResolveAsync(
        HttpContext context, ConfigStore store, OverlayService overlay, TimeProvider time, string? deployment, string? provider, string? model, string? customer, DateTimeOffset? at)
    {
        var errors = QueryFields.Unknown(context, "deployment", "provider", "model", "customer", "at");
        if (deployment is null && (string.IsNullOrEmpty(provider) || string.IsNullOrEmpty(model)))
        {
            errors.Add(string.IsNullOrEmpty(provider) ? "provider" : "model", "is required unless a deployment is named.");
        }

        var config = new EffectiveConfig(await store.CurrentAsync(context.RequestAborted).ConfigureAwait(false), overlay.Current);
        var named = deployment is null ? new DeploymentEntry { Id = "", ProviderId = provider ?? "", Model = model ?? "" } : config.Deployment(deployment);
        if (named is null)
        {
            return Problem.NotFound("deployment", deployment!).ToResult();
        }

        var name = named.Model.Contains('*', StringComparison.Ordinal) ? model : named.Model;
        if (string.IsNullOrEmpty(name) && !errors.Any)
        {
            errors.Add("model", "is required: the deployment takes any model.");
        }

        if (errors.Any)
        {
            return Problem.Invalid(errors.All).ToResult();
        }

        var settings = config.Stored.Settings.Values.Select(s => s.Value).FirstOrDefault() ?? new GatewaySettings();
        var policy = named.Unpriced ?? settings.Unpriced;
        var book = new PriceBook([.. config.Stored.PriceOverrides.Values.Select(p => p.Value)], policy == UnpricedPolicy.Assume ? PriceBook.FindAssumed(settings.AssumedPrice) : null);
        var moment = at ?? time.GetUtcNow();
        var decision = book.Explain(named, name!, customer ?? "", moment);
        return Results.Json(
            new PriceResolution { Provider = named.ProviderId, Model = name!, Deployment = deployment, Customer = customer, At = moment, Unpriced = policy, Price = decision.Price, Steps = decision.Steps },
            PriceJson.Default.PriceResolution);
    }

    private static async Task<IResult> StartAsync(HttpContext context, Rerater rerater, TimeProvider time)
    {
        var (body, refused) = await RequestBody.ReadAsync(context).ConfigureAwait(false);
        if (refused is not null)
        {
            return refused.ToResult();
        }

        var errors = new FieldErrors();
        var reader = new ObjectReader(body, "", errors);
        DateTimeOffset? from = reader.Instant("from"), to = reader.Instant("to");
        var filter = new RerateFilter
        {
            From = from ?? DateTimeOffset.UnixEpoch,
            To = to ?? time.GetUtcNow(),
            Provider = Text(reader, "provider"),
            Deployment = Text(reader, "deployment"),
            Model = Text(reader, "model"),
            Customer = Text(reader, "customer"),
            Key = Text(reader, "key"),
            PriceVersion = reader.Text("priceVersion", required: false, Formats.ModelLength),
            DryRun = reader.Boolean("dryRun", false),
        };
        reader.Close();
        if (!errors.Any)
        {
            if (from is null || to is null)
            {
                errors.Add(from is null ? "from" : "to", "is required: an instant like 2026-11-01T00:00:00Z.");
            }
            else if (from < DateTimeOffset.UnixEpoch || to <= from || to - from > TimeSpan.FromDays(MostDays))
            {
                errors.Add("to", $"must be after from, at most {MostDays} days later, and neither before 1970.");
            }
        }

        return errors.Any
            ? Problem.Invalid(errors.All).ToResult()
            : Results.Json(await rerater.StartAsync(filter, context.RequestAborted).ConfigureAwait(false), PriceJson.Default.ReratingView, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<IResult> ShowAsync(HttpContext context, Rerater rerater, string id) =>
        await rerater.FindAsync(id, context.RequestAborted).ConfigureAwait(false) is { } view
            ? Results.Json(view, PriceJson.Default.ReratingView)
            : Problem.NotFound("re-rating", id).ToResult();

    private static string? Text(ObjectReader reader, string name) => reader.Text(name, required: false, Formats.ModelLength) is { Length: > 0 } text ? text : null;
}
