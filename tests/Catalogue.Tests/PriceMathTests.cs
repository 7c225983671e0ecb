using FsCheck;
using FsCheck.Fluent;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects;

namespace Gateway.Catalogue.Tests;

public sealed class PriceMathTests
{
    [Fact]
    public void A_prompt_above_the_band_is_billed_by_it_whole()
    {
        // gemini-2.5-pro: 1.25 / 10 up to 200,000 tokens of prompt, 2.50 / 15 above; cached 0.125 and 0.25.
        var price = Price("gemini", "gemini-2.5-pro");
        Assert.Equal(250_000_000 + 10_000_000, PriceMath.Cost(price, new TokenCounts { Input = 200_000, Output = 1_000 }, default));
        Assert.Equal(25_000_000 + 250_002_500 + 15_000_000 + 15_000_000, PriceMath.Cost(price, new TokenCounts { Input = 100_001, CacheRead = 100_000, Output = 1_000, Reasoning = 1_000 }, default));
    }

    [Fact]
    public void Cache_writes_are_billed_by_lifetime_and_searches_each()
    {
        // claude-opus-4-5: 5 / 25, read 0.5, written 6.25 for five minutes and 10 for an hour, a search 0.01.
        var price = Price("anthropic", "claude-opus-4-5");
        var tokens = new TokenCounts { Input = 1_000, CacheRead = 1_000, CacheWrite = 1_000, CacheWriteHour = 1_000, Output = 1_000 };
        Assert.Equal(5_000_000 + 500_000 + 6_250_000 + 10_000_000 + 25_000_000, PriceMath.Cost(price, tokens, default));
        Assert.Equal(30_000_000, PriceMath.Cost(price, default, new UsageUnits { WebSearches = 3 }));
    }

    [Fact]
    public void Tiers_have_prices_of_their_own()
    {
        // claude-haiku-5-5: 0.1 / 0.5, batch half of it; above 100,000 five times as much.
        var price = Price("anthropic", "claude-haiku-5-5");
        var small = new TokenCounts { Input = 10_000, Output = 10_000 };
        Assert.Equal(1_000_000 + 5_000_000, PriceMath.Cost(price, small, default));
        Assert.Equal(500_000 + 2_500_000, PriceMath.Cost(price, small, default, ServiceTier.Batch));
        Assert.Equal(5_000_000 + 25_000_000, PriceMath.Cost(price, new TokenCounts { Input = 100_000, Output = 100_000 }, default, ServiceTier.Batch));
        Assert.Equal(25_000_250 + 125_000_000, PriceMath.Cost(price, new TokenCounts { Input = 100_001, Output = 100_000 }, default, ServiceTier.Batch));
        // A tier that the price does not know is billed as usual.
        Assert.Equal(1_000_000 + 5_000_000, PriceMath.Cost(price, small, default, ServiceTier.Flex));
    }

    [Fact]
    public void The_dearer_holds_where_a_tier_says_nothing_of_long_prompts()
    {
        var price = new PriceEntry
        {
            Version = "1", InputPerMillion = 2_000_000, OutputPerMillion = 4_000_000,
            Variants =
            [
                new PriceVariantEntry { Tier = ServiceTier.Batch, InputPerMillion = 1_000_000, OutputPerMillion = 2_000_000 },
                new PriceVariantEntry { Tier = ServiceTier.Priority, InputPerMillion = 8_000_000 },
                new PriceVariantEntry { AbovePromptTokens = 10, InputPerMillion = 3_000_000 },
            ],
        };
        var tokens = new TokenCounts { Input = 11, Output = 1 };
        Assert.Equal((33 + 4, 33 + 2, 88 + 4), (PriceMath.Cost(price, tokens, default), PriceMath.Cost(price, tokens, default, ServiceTier.Batch), PriceMath.Cost(price, tokens, default, ServiceTier.Priority)));
    }

    [Fact]
    public void Sound_and_images_are_billed_in_their_own_classes()
    {
        // gpt-realtime: text 4 / 16, cached 0.4; audio 32 / 64, cached 0.4; images 5, cached 0.5.
        var realtime = new TokenCounts { Input = 100, CacheRead = 100, AudioInput = 100, AudioCacheRead = 100, ImageInput = 100, ImageCacheRead = 100, Output = 100, AudioOutput = 100 };
        Assert.Equal(400_000 + 40_000 + 3_200_000 + 40_000 + 500_000 + 50_000 + 1_600_000 + 6_400_000, PriceMath.Cost(Price("openai", "gpt-realtime"), realtime, default));
        // gpt-image-1: text in 5, images in 10 (cached 2.5), images out 40; the per-image rows beside it are not billed as well.
        var image = new TokenCounts { Input = 100, ImageInput = 100, ImageCacheRead = 100, ImageOutput = 1_000 };
        Assert.Equal(500_000 + 1_000_000 + 250_000 + 40_000_000, PriceMath.Cost(Price("azure", "gpt-image-1"), image, new UsageUnits { Images = 1, Pixels = 1024 * 1024, ImageQuality = ImageQuality.High }));
    }

    [Fact]
    public void Images_are_billed_by_quality_and_size_and_by_the_dearest_where_neither_is_known()
    {
        var price = Price("azure", "dall-e-3");
        long Of(long pixels, ImageQuality quality, int images = 1) => PriceMath.Cost(price, default, new UsageUnits { Images = images, Pixels = pixels * images, ImageQuality = quality });
        Assert.Equal(44_000_000, Math.Round(Of(1024 * 1024, ImageQuality.Standard) / 1e6) * 1e6);
        Assert.Equal(88_000_000, Math.Round(Of(1024 * 1024, ImageQuality.Standard, 2) / 1e6) * 1e6);
        Assert.Equal(88_000_000, Math.Round(Of(1024 * 1024, ImageQuality.Hd) / 1e6) * 1e6);
        Assert.Equal(132_000_000, Math.Round(Of(1024 * 1792, ImageQuality.Hd) / 1e6) * 1e6);
        Assert.Equal(Of(1792 * 1024, ImageQuality.Hd), Of(0, ImageQuality.Unknown));
    }

    [Fact]
    public void Searches_seconds_characters_and_pixels_are_billed_each()
    {
        Assert.Equal(2_000_000, PriceMath.Cost(Price("cohere", "rerank-v3.5"), default, new UsageUnits { Searches = 1 }));
        Assert.Equal(30_000 * 1_000, PriceMath.Cost(Price("aws_polly", "generative"), default, new UsageUnits { Characters = 1_000 }));
        Assert.Equal(33_330 * 3 / 2, PriceMath.Cost(Price("assemblyai", "best"), default, new UsageUnits { AudioMilliseconds = 1_500 }));
        Assert.Equal(52_428_800, PriceMath.Cost(Price("azure_ai", "FLUX.2-flex"), default, new UsageUnits { Images = 1, Pixels = 1024 * 1024 }));
        Assert.Equal((5_000_000, 8_000_000, 12_000_000), (Search(WebSearchSize.Low), Search(WebSearchSize.Unknown), Search(WebSearchSize.High)));

        static long Search(WebSearchSize size) => PriceMath.Cost(Price("perplexity", "sonar"), default, new UsageUnits { WebSearches = 1, WebSearchSize = size });
    }

    [Fact]
    public void No_usage_within_the_bounds_costs_more_than_the_bound()
    {
        Prop.ForAll(Cases().ToArbitrary(), static c =>
        {
            var bound = PriceMath.UpperBound(c.Price, c.Tokens.Prompt + c.Slack, c.Tokens.Generated + c.Slack, c.Units, c.Tier);
            Assert.True(PriceMath.Cost(c.Price, c.Tokens, c.Units, c.Tier) <= bound);
            Assert.True(PriceMath.Cost(c.Price, c.Tokens, c.Units) <= bound);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_cost_is_the_sum_of_its_classes_and_grows_with_each()
    {
        Prop.ForAll(Cases().ToArbitrary(), static c =>
        {
            var flat = c.Price with { Variants = [] };
            var whole = PriceMath.Cost(flat, c.Tokens, c.Units);
            var tokensOnly = PriceMath.Cost(flat, c.Tokens, default);
            Assert.Equal(whole, tokensOnly + PriceMath.Cost(flat, default, c.Units) - flat.PerRequest);
            TokenCounts input = c.Tokens, output = default;
            (output.Output, output.Reasoning, output.AudioOutput, output.ImageOutput) = (input.Output, input.Reasoning, input.AudioOutput, input.ImageOutput);
            (input.Output, input.Reasoning, input.AudioOutput, input.ImageOutput) = (0, 0, 0, 0);
            Assert.Equal(tokensOnly, PriceMath.Cost(flat, input, default) + PriceMath.Cost(flat, output, default) - flat.PerRequest);
            Assert.True(PriceMath.Cost(flat, c.Tokens.Add(new TokenCounts { Input = 1, CacheRead = 1, AudioOutput = 1 }), c.Units) >= whole);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_bound_of_every_model_covers_the_dearest_request()
    {
        foreach (var price in PriceTable.Default.Providers.SelectMany(PriceTable.Default.ModelsOf).Select(static m => m.Price).OfType<PriceEntry>())
        {
            foreach (var tier in Enum.GetValues<ServiceTier>())
            {
                foreach (var tokens in (TokenCounts[])[new() { Input = 300_000, Output = 9_999 }, new() { CacheWriteHour = 1_001, Reasoning = 7 }, new() { AudioInput = 77_777, AudioOutput = 3 }, new() { ImageInput = 1, ImageOutput = 12_345 }])
                {
                    Assert.True(PriceMath.Cost(price, tokens, default, tier) <= PriceMath.UpperBound(price, tokens.Prompt, tokens.Generated, default, tier));
                }
            }
        }
    }

    private static PriceEntry Price(string provider, string model) => PriceTable.Default.Find(provider, model) ?? throw new InvalidOperationException(model);

    private static Gen<Case> Cases()
    {
        var rate = Gen.OneOf(Gen.Constant<long?>(null), Gen.Choose(0, 2_000_000_000).Select(static n => (long?)n));
        var some = Gen.Choose(0, 300_000).Select(static n => (long)n);
        var variant = from tier in Gen.Elements<ServiceTier?>(null, ServiceTier.Batch, ServiceTier.Priority, ServiceTier.Flex)
                      from above in Gen.Elements(0L, 1_000L, 200_000L, 1_000_000L)
                      from r in rate.ArrayOf(6)
                      select new PriceVariantEntry
                      {
                          Tier = tier, AbovePromptTokens = above, InputPerMillion = r[0], OutputPerMillion = r[1], CacheReadPerMillion = r[2], CacheWriteHourPerMillion = r[3],
                          AudioOutputPerMillion = r[4], ImageInputPerMillion = r[5],
                      };
        return from r in rate.ArrayOf(14)
               from variants in variant.ArrayOf(4)
               from n in some.ArrayOf(18)
               from tier in Gen.Elements(Enum.GetValues<ServiceTier>())
               select new Case(
                   new PriceEntry
                   {
                       Version = "1", InputPerMillion = r[0] ?? 0, OutputPerMillion = r[1] ?? 0, CacheReadPerMillion = r[2], CacheWritePerMillion = r[3], CacheWriteHourPerMillion = r[4],
                       ReasoningPerMillion = r[5], AudioInputPerMillion = r[6], AudioCacheReadPerMillion = r[7], AudioOutputPerMillion = r[8], ImageInputPerMillion = r[9],
                       ImageCacheReadPerMillion = r[10], ImageOutputPerMillion = r[11], PerRequest = r[12] ?? 0, PerAudioSecond = r[13] ?? 0, PerMillionPixels = r[13] ?? 0, PerWebSearch = 5,
                       PerWebSearchHigh = 7, PerImage = 3, Variants = variants,
                   },
                   new TokenCounts
                   {
                       Input = n[0], CacheRead = n[1], CacheWrite = n[2], CacheWriteHour = n[3], Output = n[4], Reasoning = n[5], AudioInput = n[6], AudioCacheRead = n[7], AudioOutput = n[8],
                       ImageInput = n[9], ImageCacheRead = n[10], ImageOutput = n[11],
                   },
                   new UsageUnits { Images = n[12] % 10, Pixels = n[13], AudioMilliseconds = n[14], Characters = n[15], Searches = n[16] % 7, WebSearches = n[17] % 5, WebSearchSize = (WebSearchSize)(n[17] % 4) },
                   tier,
                   n[0] % 3);
    }

    private sealed record Case(PriceEntry Price, TokenCounts Tokens, UsageUnits Units, ServiceTier Tier, long Slack);
}
