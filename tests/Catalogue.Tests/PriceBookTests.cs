using Gateway.Contracts.Configuration;
using Gateway.Dialects;

namespace Gateway.Catalogue.Tests;

public sealed class PriceBookTests
{
    private static readonly DateTimeOffset Day = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);
    private static readonly DeploymentEntry Deployment = new() { Id = "openai/gpt-4o", ProviderId = "openai", Model = "gpt-4o" };

    [Fact]
    public void Without_overrides_the_deployments_own_price_comes_before_the_table()
    {
        Assert.Equal("table@2026-11-21", Price(PriceBook.BuiltIn, Deployment)!.Version);
        Assert.Equal("mine", Price(PriceBook.BuiltIn, Deployment with { Price = Flat(7, "mine") })!.Version);
        Assert.Null(Price(PriceBook.BuiltIn, Deployment with { Model = "nobody-knows" }));
    }

    [Fact]
    public void The_most_specific_absolute_price_wins()
    {
        PriceOverrideEntry[] all =
        [
            Absolute("any", 1), Absolute("provider", 2) with { ProviderId = "openai" }, Absolute("pattern", 3) with { Model = "gpt-4*" }, Absolute("model", 4) with { Model = "gpt-4o" },
            Absolute("both", 5) with { ProviderId = "openai", Model = "gpt-4o" }, Absolute("customer", 6) with { CustomerId = "acme" },
            Absolute("customer-model", 7) with { CustomerId = "acme", ProviderId = "openai", Model = "gpt-4o" }, Absolute("deployment", 8) with { DeploymentId = "openai/gpt-4o" },
            Absolute("elsewhere", 9) with { ProviderId = "azure" }, Absolute("off", 10) with { DeploymentId = "openai/gpt-4o", CustomerId = "acme", Enabled = false },
        ];
        string[] acme = ["deployment", "customer-model", "customer", "both", "provider", "model", "pattern", "any"];
        string[] others = ["deployment", "both", "provider", "model", "pattern", "any"];
        foreach (var (customer, order) in (ReadOnlySpan<(string, string[])>)[("acme", acme), ("", others), ("other", others)])
        {
            for (var gone = 0; gone <= order.Length; gone++)
            {
                var book = new PriceBook([.. all.Where(o => !order.Take(gone).Contains(o.Id))]);
                var version = Price(book, Deployment, customer)!.Version;
                Assert.StartsWith(gone == order.Length ? "table@" : $"override:{order[gone]}@", version, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void An_override_that_names_no_deployment_leaves_the_deployments_own_price()
    {
        var own = Deployment with { Price = Flat(7, "mine") };
        Assert.Equal("mine", Price(new PriceBook([Absolute("customer", 6) with { CustomerId = "acme" }]), own, "acme")!.Version);
        Assert.StartsWith("override:it@", Price(new PriceBook([Absolute("it", 6) with { DeploymentId = own.Id }]), own)!.Version, StringComparison.Ordinal);
    }

    [Fact]
    public void One_factor_is_applied_to_the_price_there_is_in_integers_and_rounded_up()
    {
        var book = new PriceBook([Factor("all", 9_000), Factor("acme", 8_500, "v7") with { CustomerId = "acme" }]);
        var mine = Deployment with { Price = Flat(101, "mine") };
        Assert.Equal((86, "mine*override:acme@v7"), (Price(book, mine, "acme")!.InputPerMillion, Price(book, mine, "acme")!.Version));
        Assert.Equal(91, Price(book, mine)!.InputPerMillion);
        // 2.50 and 10 of the table, at 85 %.
        Assert.Equal((2_125_000_000, 8_500_000_000), (Price(book, Deployment, "acme")!.InputPerMillion, Price(book, Deployment, "acme")!.OutputPerMillion));
        Assert.Null(Price(book, Deployment with { Model = "nobody-knows" }, "acme"));
    }

    [Fact]
    public void Scheduled_versions_take_over_at_their_moment()
    {
        var entry = new PriceOverrideEntry
        {
            Id = "x",
            Versions =
            [
                new PriceOverrideVersion { Version = "1", From = Day, Price = Flat(1, "") },
                new PriceOverrideVersion { Version = "2", From = Day.AddDays(10), Price = Flat(2, "") },
                new PriceOverrideVersion { Version = "3", From = Day.AddDays(5), Until = Day.AddDays(12), Price = Flat(3, "") },
            ],
        };
        var prices = new PriceBook([entry]).Find(Deployment, "gpt-4o", "");
        string At(double days) => prices.At((Day.AddDays(days).UtcTicks - DateTime.UnixEpoch.Ticks) / 10)!.Version;
        Assert.Equal(
            ["table@2026-11-21", "override:x@1", "override:x@1", "override:x@3", "override:x@2", "override:x@2"],
            (string[])[At(-0.001), At(0), At(4.999), At(5), At(10), At(400)]);
    }

    [Fact]
    public void Other_figures_never_go_by_the_same_version()
    {
        string Version(long figure) => Price(new PriceBook([Absolute("x", figure)]), Deployment)!.Version;
        Assert.Equal(Version(1), Version(1));
        Assert.NotEqual(Version(1), Version(2));
    }

    [Fact]
    public void What_nobody_knows_is_billed_by_the_assumed_price_and_says_so()
    {
        var book = new PriceBook([], PriceBook.FindAssumed("openai/gpt-4o"));
        Assert.Equal("assumed:openai/gpt-4o(table@2026-11-21)", Price(book, Deployment with { Model = "nobody-knows" })!.Version);
        Assert.Equal("table@2026-11-21", Price(book, Deployment)!.Version);
        Assert.Null(PriceBook.FindAssumed("openai/nobody-knows"));
        Assert.Null(PriceBook.FindAssumed("gpt-4o"));
    }

    [Fact]
    public void A_decision_says_what_was_looked_at_and_what_is_in_doubt()
    {
        var book = new PriceBook([Absolute("later", 1) with { Versions = [new PriceOverrideVersion { From = Day.AddDays(1), Price = Flat(1, "") }] }, Factor("cut", 5_000)]);
        var decision = book.Explain(Deployment, "gpt-4o", "", Day);
        Assert.Equal(["override:later", "table", "override:cut"], decision.Steps.Select(static s => s.Source));
        var doubt = book.Explain(new DeploymentEntry { Id = "", ProviderId = "azure_ai", Model = "jais-30b-chat" }, "jais-30b-chat", "", Day);
        Assert.Null(doubt.Price);
        Assert.Contains("off by 1,000", doubt.Steps[^1].Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_doubtful_price_is_billed_by_once_an_override_confirms_it()
    {
        var doubtful = new DeploymentEntry { Id = "d", ProviderId = "azure_ai", Model = "jais-30b-chat" };
        Assert.Null(Price(PriceBook.BuiltIn, doubtful));
        Assert.Equal(3_200, Price(new PriceBook([Absolute("confirmed", 3_200) with { ProviderId = "azure_ai", Model = "jais-30b-chat" }]), doubtful)!.InputPerMillion);
    }

    [Fact]
    public void What_is_free_must_say_so()
    {
        Assert.Null(PriceOverrideCheck.Problem(Flat(1, "")));
        Assert.Null(PriceOverrideCheck.Problem(Flat(0, "") with { Free = true }));
        Assert.Null(PriceOverrideCheck.Problem(Flat(0, "") with { PerImage = 1 }));
        Assert.Contains("free: true", PriceOverrideCheck.Problem(Flat(0, "")), StringComparison.Ordinal);
        Assert.Contains("take out", PriceOverrideCheck.Problem(Flat(0, "") with { Free = true, PerRequest = 1 }), StringComparison.Ordinal);
    }

    [Fact]
    public void Asking_for_a_price_allocates_nothing()
    {
        var prices = new PriceBook([Absolute("any", 1)]).Find(Deployment, "gpt-4o", "");
        var tokens = new TokenCounts { Input = 1_000, Output = 500 };
        PriceMath.Cost(prices.At(1)!, tokens, default);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            PriceMath.Cost(prices.At(i)!, tokens, default);
            PriceMath.UpperBound(prices.At(i)!, 1_000, 500, default);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static PriceEntry? Price(PriceBook book, DeploymentEntry deployment, string customer = "") =>
        book.Find(deployment, deployment.Model, customer).At((Day.UtcTicks - DateTime.UnixEpoch.Ticks) / 10);

    private static PriceEntry Flat(long figure, string version) => new() { Version = version, InputPerMillion = figure, OutputPerMillion = figure };

    private static PriceOverrideEntry Absolute(string id, long figure) => new() { Id = id, Versions = [new PriceOverrideVersion { Price = Flat(figure, "") }] };

    private static PriceOverrideEntry Factor(string id, int basisPoints, string? version = null) => new() { Id = id, Versions = [new PriceOverrideVersion { FactorBasisPoints = basisPoints, Version = version }] };
}
