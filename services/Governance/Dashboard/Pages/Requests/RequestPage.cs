using Gateway.Dashboard.Hosting;

namespace Gateway.Dashboard.Pages.Requests;

/// <summary>One request.</summary>
/// <param name="Log">Usage record and entry.</param>
/// <param name="Price">Price of the deployment by class; not asked for where the reader sees no prices.</param>
/// <param name="Bodies">What was said; only when the reader asked to see it, because each reading is audited.</param>
/// <param name="Session">Other requests of its session.</param>
/// <param name="Trace">Requests of its trace.</param>
/// <param name="Calls">Calls of tools in its trace.</param>
public sealed record RequestModel(ApiAnswer Log, ApiAnswer Price, ApiAnswer Bodies, ApiAnswer Session, ApiAnswer Trace, ApiAnswer Calls);

/// <summary>How one request was decided, how long each part took, and what it cost by class of token.</summary>
public sealed class RequestPage : DashboardPage
{
    public override string Pattern => "requests/{id}";

    public override string Title => "Request";

    public override (string, string)? Needs => ("log", "read");

    public override (string Title, string Pattern)? Parent => ("Requests", "requests");

    public override async Task<PageResult> GetAsync(PageContext page)
    {
        var id = Uri.EscapeDataString(page.Part("id"));
        var log = await page.GetAsync($"/logs/{id}").ConfigureAwait(false);
        if (log.Status == 404)
        {
            return PageResult.NotFound;
        }

        var record = log.Body["record"];
        var price = record["deployment"].Text.Length > 0 && record["costNanoUsd"].Whole > 0
            ? page.GetIfAsync("price", "read", "/prices/resolve", ("deployment", record["deployment"].Text), ("at", record["startedAt"].Text), ("customer", record["customer"].Text))
            : Task.FromResult(ApiAnswer.NotAsked);
        var bodies = page.Query("said") == "1" && log.Body["hasBodies"].True ? page.GetIfAsync("logBody", "read", $"/logs/{id}/bodies") : Task.FromResult(ApiAnswer.NotAsked);
        var session = record["session"].Text.Length > 0 ? page.GetAsync("/logs", ("session", record["session"].Text), ("key", record["key"].Text), ("limit", "10")) : Task.FromResult(ApiAnswer.NotAsked);
        var traceId = record["traceId"].Text;
        var trace = traceId.Length > 0 ? page.GetAsync("/logs", ("trace", traceId), ("limit", "50")) : Task.FromResult(ApiAnswer.NotAsked);
        var calls = traceId.Length > 0 ? page.GetIfAsync("mcpCall", "list", "/mcp/calls", ("trace", traceId), ("limit", "50")) : Task.FromResult(ApiAnswer.NotAsked);
        return PageResult.Show<RequestView, RequestModel>(new RequestModel(
            log, await price.ConfigureAwait(false), await bodies.ConfigureAwait(false), await session.ConfigureAwait(false), await trace.ConfigureAwait(false), await calls.ConfigureAwait(false)));
    }
}
