using Gateway.Dashboard.Pages.Accounts;
using Gateway.Dashboard.Pages.Audit;
using Gateway.Dashboard.Pages.Budgets;
using Gateway.Dashboard.Pages.Cache;
using Gateway.Dashboard.Pages.Guardrails;
using Gateway.Dashboard.Pages.Issuers;
using Gateway.Dashboard.Pages.KeyRing;
using Gateway.Dashboard.Pages.Keys;
using Gateway.Dashboard.Pages.Mcp;
using Gateway.Dashboard.Pages.Models;
using Gateway.Dashboard.Pages.Overview;
using Gateway.Dashboard.Pages.Playground;
using Gateway.Dashboard.Pages.Providers;
using Gateway.Dashboard.Pages.Reconciliation;
using Gateway.Dashboard.Pages.Requests;
using Gateway.Dashboard.Pages.Routes;
using Gateway.Dashboard.Pages.Settings;
using Gateway.Dashboard.Pages.Start;

namespace Gateway.Dashboard.Hosting;

/// <summary>Every page, in the order of the navigation. How to add one: <c>docs/dashboard.md</c>.</summary>
public static class PageTable
{
    public static IReadOnlyList<DashboardPage> All { get; } =
    [
        new OverviewPage(),
        new RequestsPage(),
        new RequestPage(),
        new McpCallsPage(),
        new PlaygroundPage(),
        new KeysPage(),
        new KeyPage(),
        new AccountsPage(),
        new IssuersPage(),
        new BudgetsPage(),
        new ReconciliationPage(),
        new BillSourcesPage(),
        new ProvidersPage(),
        new ModelsPage(),
        new RoutesPage(),
        new CachePage(),
        new GuardrailsPage(),
        new McpPage(),
        new AuditPage(),
        new StartPage(),
        new KeyRingPage(),
        new SettingsPage(),
    ];
}
