using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Pages.Entities;
using Gateway.Dashboard.Pages.Providers;
using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Pages.Models;

/// <summary>A page of the list of prices.</summary>
public sealed record PricesModel(ApiAnswer Prices, string Query);

/// <summary>Models as they are deployed, and what they cost.</summary>
public sealed class ModelsPage : EntitiesPage
{
    private static readonly Entity _deployments = new()
    {
        Kind = "deployment", Segment = "deployments", Noun = "deployment", Title = "Deployments", Icon = "price",
        About = "A model of a provider with the credential it is called with. Routes send requests to deployments. Without a price of its own the price list holds.",
        Columns =
        [
            new("Deployment", d => d["id"].Text),
            new("Provider", d => d["providerId"].Text),
            new("Model", d => new Cell(d["model"].Text) { Wrap = true }),
            new("Credential", d => d["credentialId"].Text),
            new("Input / M", d => Cell.Usd(d["price"]["inputPerMillion"])) { Right = true },
            new("Output / M", d => Cell.Usd(d["price"]["outputPerMillion"])) { Right = true },
            new("Price", d => d["price"]["version"].TextOr(d["price"].IsThere ? "own" : "of the list")),
            new("Comes from", d => new Cell(d["source"].Text) { Tone = d["source"].Text == "stored" ? "" : "info" }),
        ],
        Fields =
        [
            new("id", "Id") { Required = true, OnlyNew = true, Placeholder = "openai/gpt-4o-mini" },
            new("providerId", "Provider") { Required = true, Of = ("providers", "provider") },
            new("credentialId", "Credential") { Of = ("credentials", "credential") },
            new("model", "Model, as the provider calls it") { Required = true },
            new("maxOutputTokens", "Most output tokens") { Form = FieldForm.Number },
            new("unpriced", "Without a price, under a budget") { Options = [("", "as the settings say"), .. ProvidersPage.Options("Deny", "Allow", "Assume")] },
            new("price", "Price of its own (nano-dollars)") { Form = FieldForm.Json, Hint = "Empty: that of the price list.", Placeholder = "{\"version\": \"2026-11\", \"inputPerMillion\": 150000000, \"outputPerMillion\": 600000000}" },
        ],
    };

    private static readonly Entity _overrides = new()
    {
        Kind = "priceOverride", Segment = "price-overrides", Noun = "price override", Title = "Price overrides", Icon = "price",
        About = "Prices that hold instead of the list's, for a provider, model, deployment or customer, from a day on.",
        Columns =
        [
            new("Override", o => new Cell(o["id"].Text) { Sub = o["name"].Text }),
            new("Model", o => o["model"].Text),
            new("Provider", o => o["providerId"].TextOr("any")),
            new("Deployment", o => o["deploymentId"].TextOr("any")),
            new("Customer", o => o["customerId"].TextOr("all")),
            new("Versions", o => Cell.Count(new J(o["versions"].Element)) with { Number = o["versions"].Count }) { Right = true },
            new("State", Cell.Enabled),
        ],
        Fields =
        [
            new("id", "Id") { Required = true, OnlyNew = true },
            new("name", "Name"),
            new("providerId", "Provider") { Of = ("providers", "provider") },
            new("model", "Model") { Initial = "*", Hint = "* stands for any text." },
            new("deploymentId", "Deployment") { Of = ("deployments", "deployment") },
            new("customerId", "Customer") { Of = ("customers", "customer") },
            new("enabled", "Applied") { Form = FieldForm.Flag, Initial = "true" },
            new("versions", "What it says, and when") { Form = FieldForm.Json, Rows = 8, Initial = "[{\"version\": \"1\", \"multiplier\": 0.9}]" },
        ],
    };

    public override string Pattern => "models";

    public override string Title => "Models and prices";

    public override NavGroup Group => NavGroup.Models;

    public override string Icon => "price";

    public override IReadOnlyList<Entity> Entities { get; } = [_deployments, _overrides];

    protected override async Task<ExtraContent?> ExtraAsync(PageContext page, Entity entity, FormFields? form)
    {
        if (!page.Can("price", "list") || page.Query("id").Length > 0)
        {
            return null;
        }

        var query = page.Query("price");
        var cut = query.IndexOf('/', StringComparison.Ordinal);
        var prices = query.Length == 0 ? ApiAnswer.NotAsked
            : await page.GetAsync("/prices/resolve", ("provider", cut > 0 ? query[..cut] : query), ("model", cut > 0 ? query[(cut + 1)..] : "")).ConfigureAwait(false);
        return new ExtraContent(typeof(PricesView), new PricesModel(prices, query));
    }
}
