namespace Gateway.Dashboard.Hosting;

/// <summary>Headings of the navigation.</summary>
public enum NavGroup
{
    /// <summary>Not in the navigation.</summary>
    None = 0,
    Observe,
    Access,
    Models,
    Protect,
    Gateway,
}

/// <summary>A page: its address, who may see it, and what it shows. Registered in <see cref="PageTable"/>.</summary>
public abstract class DashboardPage
{
    /// <summary>Everything of the dashboard lies below this; the other addresses belong to the public API.</summary>
    public const string Root = "/dashboard";

    /// <summary>Route pattern below <see cref="Root"/>; empty for the first page.</summary>
    public abstract string Pattern { get; }

    /// <summary>Heading and title of the window.</summary>
    public abstract string Title { get; }

    /// <summary>Where it stands in the navigation.</summary>
    public virtual NavGroup Group => NavGroup.None;

    /// <summary>Name of its icon in <c>Components/Icon.razor</c>.</summary>
    public virtual string Icon => "dot";

    /// <summary>The row of the permission table that it needs; null: everybody who is logged in.</summary>
    public virtual (string Kind, string Action)? Needs => null;

    /// <summary>File of the module in <c>Assets</c> that the page needs besides <c>app.js</c>; null for none.</summary>
    public virtual string? Module => null;

    /// <summary>Title of the page above this one; null for those of the navigation.</summary>
    public virtual (string Title, string Pattern)? Parent => null;

    public string Address => Pattern.Length == 0 ? Root : $"{Root}/{Pattern}";

    /// <summary>Whether a user sees the page at all.</summary>
    public bool IsFor(DashboardUser user) => Needs is not var (kind, action) || user.Can(kind, action);

    /// <summary>Gathers what is shown.</summary>
    public abstract Task<PageResult> GetAsync(PageContext page);

    /// <summary>Does what a form asks for. <c>do</c> of the form names it.</summary>
    public virtual Task<PageResult> PostAsync(PageContext page, FormFields form) => Task.FromResult(PageResult.NotFound);
}
