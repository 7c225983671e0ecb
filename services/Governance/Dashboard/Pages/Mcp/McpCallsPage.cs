using Gateway.Dashboard.Hosting;
using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Pages.Mcp;

/// <summary>Calls of tools, and those that wait for somebody's word.</summary>
public sealed record McpCallsModel(ApiAnswer Calls, ApiAnswer Approvals, ApiAnswer One, ApiAnswer Sent);

/// <summary>What was called through the hub, by whom, and what waits for approval.</summary>
public sealed class McpCallsPage : DashboardPage
{
    public override string Pattern => "mcp/calls";

    public override string Title => "Tool calls";

    public override NavGroup Group => NavGroup.Observe;

    public override string Icon => "tool";

    public override (string, string)? Needs => ("mcpCall", "list");

    public override Task<PageResult> GetAsync(PageContext page) => ShowAsync(page, ApiAnswer.NotAsked);

    public override async Task<PageResult> PostAsync(PageContext page, FormFields form)
    {
        if (form.Do is not ("approve" or "deny"))
        {
            return PageResult.NotFound;
        }

        var sent = await page.SendAsync(HttpMethod.Post, $"/mcp/approvals/{Uri.EscapeDataString(form["approval"])}/{form.Do}").ConfigureAwait(false);
        return sent.Ok ? PageResult.Go(page.With(), form.Do == "approve" ? "The call may go on." : "The call is refused.") : await ShowAsync(page, sent).ConfigureAwait(false);
    }

    private static async Task<PageResult> ShowAsync(PageContext page, ApiAnswer sent)
    {
        var range = page.Query("range").Length > 0 ? TimeRange.Of(page).From(page.Now) : null;
        var calls = page.GetAsync(
            "/mcp/calls", ("limit", "50"), ("after", page.Query("after")), ("from", range), ("key", page.Query("key")), ("team", page.Query("team")), ("server", page.Query("server")), ("tool", page.Query("tool")), ("session", page.Query("session")));
        var approvals = page.GetIfAsync("mcpApproval", "list", "/mcp/approvals", ("status", "pending"), ("limit", "50"));
        var one = page.Query("call").Length > 0 ? page.GetIfAsync("mcpCall", "read", $"/mcp/calls/{Uri.EscapeDataString(page.Query("call"))}") : Task.FromResult(ApiAnswer.NotAsked);
        var model = new McpCallsModel(await calls.ConfigureAwait(false), await approvals.ConfigureAwait(false), await one.ConfigureAwait(false), sent);
        return PageResult.Show<McpCallsView, McpCallsModel>(model, sent.Status == 0 ? 200 : sent.Status);
    }
}
