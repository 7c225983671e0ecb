using System.Text;
using Gateway.Governance.Reconciliation.Bills;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Tests.Reconciliation;

/// <summary>Every form of bill that is read, and what of it is refused.</summary>
public sealed class BillTests
{
    private static readonly long Day = UsageTime.Micros(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_plain_csv_has_the_documented_columns_or_others_that_are_named()
    {
        var bill = Read("csv", "date,model,unit,quantity,amount_usd,currency,credential\n2026-03-01,gpt-4o,input,1000,0.0025,USD,c1\n2026-03-01T10:00:00Z,\"gpt-4o\",cache_read,10,1e-6,usd,c1\n");
        Assert.Equal(
            [new BilledLine { Day = Day, Model = "gpt-4o", Unit = BilledUnit.Input, Quantity = 1000, NanoUsd = 2_500_000, Tolerance = 50_000, CredentialId = "c1" },
             new BilledLine { Day = Day, Model = "gpt-4o", Unit = BilledUnit.CacheRead, Quantity = 10, NanoUsd = 1000, Tolerance = 1, CredentialId = "c1" }],
            bill.Lines);

        var mapped = Read("csv", "When,What,Sum\n03/01/2026,big,1\n", new BillOptions
        {
            Columns = new Dictionary<string, string> { ["date"] = "When", ["model"] = "What", ["amount"] = "Sum" }, Models = new Dictionary<string, string> { ["big"] = "gpt-4o" },
        });
        Assert.Equal(("gpt-4o", 1_000_000_000L), (mapped.Lines[0].Model, mapped.Lines[0].NanoUsd));
    }

    [Fact]
    public void A_zero_of_nothing_excuses_no_difference()
    {
        var bill = Read("csv", "date,model,unit,quantity,amount\n2026-03-01,m,input,0,0\n2026-03-01,m,output,5,0\n2026-03-01,m,reasoning,0,3\n");
        Assert.Equal([(BilledUnit.Input, 0), (BilledUnit.Output, 5_000_000), (BilledUnit.Reasoning, 5_000_000)], bill.Lines.Select(l => (l.Unit, l.Tolerance)));
    }

    [Fact]
    public void What_cannot_be_read_is_refused_line_by_line()
    {
        var bill = Read("csv", "date,amount,currency,unit\n2026-03-01,1,EUR,\nsoon,1,USD,\n2026-03-01,\"1,000\",USD,\n2026-03-01,1,USD,bananas\n2026-03-01,1\n2026-03-01,2,USD,output\n2026-03-01,999999999999,USD,\n");
        Assert.Equal([2, 3, 4, 5, 6, 8], bill.Refused.Select(r => r.Line));
        Assert.Contains("EUR", bill.Refused[0].Reason, StringComparison.Ordinal);
        Assert.Equal(2_000_000_000, Assert.Single(bill.Lines).NanoUsd);
    }

    [Theory]
    [InlineData("csv", "")]
    [InlineData("csv", "model,quantity\nm,1\n")]
    [InlineData("csv", "date,amount\n\"2026")]
    [InlineData("openai", "{\"data\": 1}")]
    [InlineData("openai", "[]")]
    [InlineData("anthropic", "{")]
    public void What_is_no_bill_is_refused_whole(string source, string text) => Assert.Throws<BillException>(() => Read(source, text));

    [Fact]
    public void Aws_reports_name_model_and_tokens_in_their_usage_types()
    {
        const string rows =
            """
            USE1-Claude3.5Sonnet-input-tokens,AmazonBedrock,2026-03-01T00:00:00Z,1.5,1K tokens,0.0045000000,USD,111
            USE1-Claude3.5Sonnet-output-tokens,AmazonBedrock,2026-03-01T13:00:00Z,0.2,1K tokens,0.0030000000,USD,111
            EUC1-Claude3.5Sonnet-cache-read-input-token-count,AmazonBedrock,2026-03-01T13:00:00Z,10,1K tokens,0.0030000000,USD,111
            EUC1-Claude3.5Sonnet-cache-write-input-token-count,AmazonBedrock,2026-03-01T13:00:00Z,4,1K tokens,0.0150000000,USD,111
            BoxUsage:t3.micro,AmazonEC2,2026-03-01T00:00:00Z,1,Hrs,0.0104,USD,111
            """;
        foreach (var headings in (string[])
            [
                "line_item_usage_type,line_item_product_code,line_item_usage_start_date,line_item_usage_amount,pricing_unit,line_item_unblended_cost,line_item_currency_code,line_item_usage_account_id",
                "lineItem/UsageType,lineItem/ProductCode,lineItem/UsageStartDate,lineItem/UsageAmount,pricing/unit,lineItem/UnblendedCost,lineItem/CurrencyCode,lineItem/UsageAccountId",
            ])
        {
            var bill = Read("aws", headings + "\n" + rows);
            Assert.Equal(1, bill.Skipped);
            Assert.Equal(
                [("Claude3.5Sonnet", BilledUnit.CacheRead, 10_000L, 3_000_000L), ("Claude3.5Sonnet", BilledUnit.CacheWrite, 4_000L, 15_000_000L), ("Claude3.5Sonnet", BilledUnit.Input, 1_500L, 4_500_000L), ("Claude3.5Sonnet", BilledUnit.Output, 200L, 3_000_000L)],
                bill.Lines.OrderBy(l => l.Item, StringComparer.Ordinal).Select(l => (l.Model, l.Unit, l.Quantity!.Value, l.NanoUsd)));
        }
    }

    [Fact]
    public void Azure_exports_name_model_and_tokens_in_their_meters()
    {
        var bill = Read(
            "azure",
            "date,meterCategory,meterSubCategory,meterName,quantity,unitOfMeasure,costInBillingCurrency,billingCurrency,resourceId\n"
            + "03/01/2026,Cognitive Services,Azure OpenAI,gpt-4o-0806-Inp-glbl Tokens,2,1K,0.005,USD,/a\n"
            + "03/01/2026,Cognitive Services,Azure OpenAI,gpt-4o-0806-cchd-Inp-glbl Tokens,1,1K,0.00125,USD,/a\n"
            + "03/01/2026,Foundry Models,Azure OpenAI,gpt-4o-0806-Outp-glbl Tokens,0.5,1M,5,USD,/a\n"
            + "03/01/2026,Virtual Machines,,D2,1,1 Hour,1,USD,/b\n");
        Assert.Equal(1, bill.Skipped);
        Assert.Equal(
            [(BilledUnit.Input, 2000L), (BilledUnit.CacheRead, 1000L), (BilledUnit.Output, 500_000L)],
            bill.Lines.Select(l => (l.Unit, l.Quantity!.Value)).OrderBy(l => l.Unit));
        Assert.All(bill.Lines, l => Assert.Equal("gpt-4o-0806", l.Model));
    }

    [Fact]
    public void Focus_exports_are_read_by_their_meters()
    {
        var bill = Read(
            "focus",
            "ChargePeriodStart,ChargePeriodEnd,BilledCost,BillingCurrency,ServiceName,SkuMeter,ConsumedQuantity,ConsumedUnit,SubAccountId\n"
            + "2026-03-01T00:00:00Z,2026-03-02T00:00:00Z,0.003,USD,Amazon Bedrock,USE1-Claude3Haiku-input-tokens,12000,Tokens,1\n"
            + "2026-03-01T00:00:00Z,2026-03-02T00:00:00Z,7,USD,Amazon S3,Requests,1,Requests,1\n");
        var line = Assert.Single(bill.Lines);
        Assert.Equal(("Claude3Haiku", BilledUnit.Input, 12_000L, 3_000_000L), (line.Model, line.Unit, line.Quantity!.Value, line.NanoUsd));
        Assert.Equal(1, bill.Skipped);
    }

    [Fact]
    public void OpenAI_costs_take_their_quantities_from_the_usage()
    {
        var bill = Read(
            "openai",
            """
            {"costs": [{"object": "page", "has_more": false, "data": [{"object": "bucket", "start_time": 1772323200, "end_time": 1772409600, "results": [
               {"object": "organization.costs.result", "amount": {"value": 0.0025, "currency": "usd"}, "line_item": "gpt-4o-2024-08-06, input", "project_id": "proj_1"},
               {"object": "organization.costs.result", "amount": {"value": 1.25e-4, "currency": "usd"}, "line_item": "gpt-4o-2024-08-06, cached input", "project_id": "proj_1"},
               {"object": "organization.costs.result", "amount": {"value": 0.01, "currency": "usd"}, "line_item": "gpt-4o-2024-08-06, output", "project_id": "proj_1"},
               {"object": "organization.costs.result", "amount": {"value": 0.5, "currency": "usd"}, "line_item": "web search tool calls", "project_id": "proj_1"}]}]}],
             "usage": [{"data": [{"start_time": 1772323200, "end_time": 1772409600, "results": [
               {"object": "organization.usage.completions.result", "input_tokens": 1100, "input_cached_tokens": 100, "output_tokens": 1000, "num_model_requests": 3, "project_id": "proj_1", "model": "gpt-4o-2024-08-06"}]}]}]}
            """,
            new BillOptions { Credentials = new Dictionary<string, string> { ["proj_1"] = "main" } });
        Assert.Equal(
            [(BilledUnit.Other, null, 500_000_000L), (BilledUnit.Input, 1000L, 2_500_000L), (BilledUnit.CacheRead, 100L, 125_000L), (BilledUnit.Output, (long?)1000L, 10_000_000L)],
            bill.Lines.OrderBy(l => l.Unit).Select(l => (l.Unit, l.Quantity, l.NanoUsd)));
        Assert.All(bill.Lines, l => Assert.Equal(("main", Day), (l.CredentialId, l.Day)));
    }

    [Fact]
    public void Anthropic_amounts_are_cents()
    {
        var bill = Read(
            "anthropic",
            """
            {"costs": [{"has_more": false, "data": [{"starting_at": "2026-03-01T00:00:00Z", "ending_at": "2026-03-02T00:00:00Z", "results": [
               {"currency": "USD", "amount": "0.3", "workspace_id": "w", "description": "", "cost_type": "tokens", "context_window": "0-200k", "model": "claude-sonnet-4-20250514", "service_tier": "standard", "token_type": "uncached_input_tokens"},
               {"currency": "USD", "amount": "0.6", "workspace_id": "w", "cost_type": "tokens", "context_window": "0-200k", "model": "claude-sonnet-4-20250514", "service_tier": "standard", "token_type": "cache_creation.ephemeral_1h_input_tokens"},
               {"currency": "USD", "amount": "1", "workspace_id": "w", "cost_type": "web_search", "context_window": null, "model": null, "service_tier": null, "token_type": null}]}]}],
             "usage": [{"data": [{"starting_at": "2026-03-01T00:00:00Z", "results": [
               {"uncached_input_tokens": 1000, "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 0}, "cache_read_input_tokens": 0, "output_tokens": 0,
                "workspace_id": "w", "model": "claude-sonnet-4-20250514", "service_tier": "standard", "context_window": "0-200k"}]}]}]}
            """);
        Assert.Equal(
            [(BilledUnit.Input, 1000L, 3_000_000L), (BilledUnit.CacheWriteHour, 1000L, 6_000_000L), (BilledUnit.WebSearches, (long?)null, 10_000_000L)],
            bill.Lines.OrderBy(l => l.Unit).Select(l => (l.Unit, l.Quantity, l.NanoUsd)));
    }

    [Fact]
    public void Whatever_is_sent_is_read_or_refused()
    {
        var random = new Random(7);
        string[] seeds = ["date,amount,unit,quantity,model\n2026-03-01,1.5,input,3,m\n", "{\"data\":[{\"start_time\":1772323200,\"results\":[{\"amount\":{\"value\":1,\"currency\":\"usd\"},\"line_item\":\"a, input\"}]}]}", "\",\r\n"];
        for (var i = 0; i < 4000; i++)
        {
            var text = new StringBuilder(seeds[random.Next(seeds.Length)]);
            for (var edits = random.Next(1, 6); edits > 0 && text.Length > 0; edits--)
            {
                text[random.Next(text.Length)] = "\",\n{}[]:e9-.x"[random.Next(13)];
            }

            try
            {
                Read(random.Next(2) == 0 ? "csv" : One(["openai", "anthropic", "aws", "azure", "focus"]), text.ToString());
            }
            catch (BillException)
            {
                // Refused whole.
            }
        }

        string One(string[] of) => of[random.Next(of.Length)];
    }

    private static Bill Read(string source, string text, BillOptions? options = null) => BillSources.Read(source, Encoding.UTF8.GetBytes(text), options ?? new BillOptions());
}
