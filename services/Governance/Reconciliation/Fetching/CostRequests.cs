using System.Globalization;
using System.Net.Http.Headers;
using Gateway.Governance.Usage.Aggregates;

namespace Gateway.Governance.Reconciliation.Fetching;

/// <summary>How the cost APIs are asked: addresses, paging and how the admin key is sent.</summary>
internal static class CostRequests
{
    /// <summary>Most days of one fetch: what the APIs give of days in one page.</summary>
    public const int MostDays = 31;

    /// <summary>The form of bill that the answers are read as.</summary>
    public static string SourceOf(CostApi api) => api == CostApi.Anthropic ? "anthropic" : "openai";

    /// <summary>Addresses of the first pages: of the costs, and of the usage that tells quantities.</summary>
    public static (Uri Costs, Uri Usage) Addresses(BillSourceEntry source, long first, long past) => source.Api == CostApi.Anthropic
        ? (
            Address(source, "https://api.anthropic.com", "/v1/organizations/cost_report", $"{Anthropic(first, past)}&group_by[]=workspace_id&group_by[]=description"),
            Address(source, "https://api.anthropic.com", "/v1/organizations/usage_report/messages", $"{Anthropic(first, past)}&group_by[]=workspace_id&group_by[]=model&group_by[]=service_tier&group_by[]=context_window"))
        : (
            Address(source, "https://api.openai.com", "/v1/organization/costs", $"{OpenAI(first, past)}&group_by[]=line_item&group_by[]=project_id"),
            Address(source, "https://api.openai.com", "/v1/organization/usage/completions", $"{OpenAI(first, past)}&group_by[]=model&group_by[]=project_id"));

    /// <summary>A later page of an address.</summary>
    public static Uri Page(Uri first, string page) => new($"{first.AbsoluteUri}&page={Uri.EscapeDataString(page)}");

    /// <summary>Adds the admin key.</summary>
    public static void Authorize(HttpRequestMessage request, CostApi api, string key)
    {
        if (api == CostApi.Anthropic)
        {
            request.Headers.TryAddWithoutValidation("x-api-key", key);
            request.Headers.TryAddWithoutValidation("anthropic-version", "2023-06-01");
        }
        else
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    private static Uri Address(BillSourceEntry source, string own, string path, string query) => new($"{source.BaseUrl ?? own}{path}?{query.Replace("[]", "%5B%5D", StringComparison.Ordinal)}");

    private static string OpenAI(long first, long past)
        => string.Create(CultureInfo.InvariantCulture, $"start_time={first / 1_000_000}&end_time={past / 1_000_000}&bucket_width=1d&limit={MostDays}");

    private static string Anthropic(long first, long past)
        => $"starting_at={Instant(first)}&ending_at={Instant(past)}&bucket_width=1d&limit={MostDays.ToString(CultureInfo.InvariantCulture)}";

    private static string Instant(long micros) => UsageTime.Instant(micros).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
