using Gateway.Dashboard.Pages.Keys;
using Gateway.Dashboard.Pages.Overview;
using Gateway.Dashboard.Pages.Playground;
using Gateway.Dashboard.Pages.Requests;

namespace Gateway.Dashboard.Hosting;

/// <summary>Every page, in the order of the navigation. How to add one: <c>docs/dashboard.md</c>.</summary>
public static class PageTable
{
    public static IReadOnlyList<DashboardPage> All { get; } =
    [
        new OverviewPage(),
        new RequestsPage(),
        new RequestPage(),
        new PlaygroundPage(),
        new KeysPage(),
        new KeyPage(),
    ];
}
