using System.Globalization;
using Gateway.Contracts.Usage;
using Gateway.Edge.Prices;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Uploads;

/// <summary>The most that the requests of a batch's input can use, summed when the file is checked. It stands in the file's name at the provider, where no caller can write.</summary>
/// <param name="Requests">Requests in the file.</param>
/// <param name="PromptTokens">Upper bound of all their prompts.</param>
/// <param name="OutputTokens">Sum of the output caps that they name.</param>
/// <param name="Uncapped">Answers asked for without a cap.</param>
/// <param name="Searches">Upper bound of the web searches that their tools may make.</param>
internal readonly record struct BatchBound(long Requests, long PromptTokens, long OutputTokens, long Uncapped, long Searches)
{
    private const int Parts = 5;
    private const char Separator = '_';

    /// <summary>The bound with one more request.</summary>
    public BatchBound Add(long promptTokens, long outputTokens, long uncapped, long searches) =>
        new(Requests + 1, PromptTokens + promptTokens, OutputTokens + outputTokens, Uncapped + uncapped, Searches + searches);

    /// <summary>The most that the batch can cost, in nano-US-dollars; null when its model is unpriced.</summary>
    /// <param name="deployment">The deployment of the model.</param>
    /// <param name="query">The price asked for.</param>
    /// <param name="defaultOutputTokens">What an answer may have whose model's limit is not known.</param>
    public long? Cost(DeploymentRuntime deployment, in PriceQuery query, long defaultOutputTokens)
    {
        if (deployment.Pricing.Price(query) is not { } price)
        {
            return null;
        }

        var limit = deployment.Pricing.MaxOutput(query.Model) ?? defaultOutputTokens;
        var units = new UsageUnits { WebSearches = Searches };
        return deployment.Pricing.UpperBound(query, PromptTokens, OutputTokens + (Uncapped * limit), units, ServiceTier.Batch) + (price.PerRequest * Math.Max(0, Requests - 1));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Requests}{Separator}{PromptTokens}{Separator}{OutputTokens}{Separator}{Uncapped}{Separator}{Searches}");

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string text, out BatchBound bound)
    {
        bound = default;
        Span<long> parts = stackalloc long[Parts];
        var count = 0;
        foreach (var range in text.AsSpan().Split(Separator))
        {
            if (count == Parts || !long.TryParse(text.AsSpan()[range], NumberStyles.None, CultureInfo.InvariantCulture, out parts[count++]))
            {
                return false;
            }
        }

        bound = new BatchBound(parts[0], parts[1], parts[2], parts[3], parts[4]);
        return count == Parts;
    }
}
