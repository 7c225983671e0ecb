using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using Gateway.Dashboard.Rendering;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Dashboard.Hosting;

/// <summary>Maps every page, the login, and the assets.</summary>
public static class DashboardEndpoints
{
    public static IServiceCollection AddDashboard(this IServiceCollection services)
        => services.AddSingleton<PageRenderer>().AddSingleton<PageServer>();

    public static void MapDashboard(this IEndpointRouteBuilder app)
    {
        var server = app.ServiceProvider.GetRequiredService<PageServer>();
        AssetFiles.Map(app);
        Map("login", server.LoginPageAsync, server.LoginAsync);
        Map("logout", server.LoginPageAsync, server.LogoutAsync);
        Map("theme", server.LoginPageAsync, server.ThemeAsync);
        foreach (var page in PageTable.All)
        {
            Map(page.Pattern, http => server.ShowAsync(http, page), http => server.DoAsync(http, page));
        }

        app.MapGet(DashboardPage.Root + "/{**rest}", server.MissingAsync).WithMetadata(new ExcludedFromDescription());

        void Map(string pattern, RequestDelegate get, RequestDelegate post)
        {
            var path = pattern.Length == 0 ? DashboardPage.Root : $"{DashboardPage.Root}/{pattern}";
            app.MapGet(path, get).WithMetadata(new ExcludedFromDescription());
            app.MapPost(path, post).WithMetadata(new ExcludedFromDescription());
        }
    }
}

/// <summary>Answers requests for pages: who asks, whether he may, what the page says, and how faults look.</summary>
public sealed partial class PageServer(IDashboardDoor door, IAdminApi api, PageRenderer renderer, TimeProvider time, ILogger<PageServer> logger)
{
    private const string LoginCookie = "gateway-login-form";
    private const string ThemeCookie = "gateway-theme";
    private const int MostFormBytes = 2 * 1024 * 1024;

    internal Task ShowAsync(HttpContext http, DashboardPage page) => AnswerAsync(http, async () =>
    {
        if (await EnterAsync(http, page).ConfigureAwait(false) is { } context)
        {
            await WriteAsync(context, await page.GetAsync(context).ConfigureAwait(false)).ConfigureAwait(false);
        }
    });

    internal Task DoAsync(HttpContext http, DashboardPage page) => AnswerAsync(http, async () =>
    {
        if (await EnterAsync(http, page).ConfigureAwait(false) is not { } context)
        {
            return;
        }

        if (await FormAsync(http).ConfigureAwait(false) is not { } form)
        {
            await PlainAsync(http, 400, "The form cannot be read", "It is no form, or larger than 2 MiB. Nothing was changed.").ConfigureAwait(false);
            return;
        }

        if (!door.IsOwnOrigin(http) || !Same(form[FormFields.TokenField], context.Token))
        {
            await PlainAsync(http, 403, "The form was not sent from this page", "Its token does not belong to your session, perhaps because you logged in anew meanwhile. Nothing was changed: go back, reload the page and send it again.").ConfigureAwait(false);
            return;
        }

        await WriteAsync(context, await page.PostAsync(context, form).ConfigureAwait(false)).ConfigureAwait(false);
    });

    internal Task LoginPageAsync(HttpContext http) => AnswerAsync(http, () => ShowLoginAsync(http, 200, ""));

    internal Task LoginAsync(HttpContext http) => AnswerAsync(http, async () =>
    {
        var form = await FormAsync(http).ConfigureAwait(false);
        if (form is null || !door.IsOwnOrigin(http) || http.Request.Cookies[LoginCookie] is not { Length: > 20 } cookie || !Same(form[FormFields.TokenField], cookie))
        {
            await ShowLoginAsync(http, 403, "The form was too old. Try again.").ConfigureAwait(false);
        }
        else if (await door.LogInAsync(http, form["key"]).ConfigureAwait(false) is null)
        {
            await ShowLoginAsync(http, 401, "The key is not known, is blocked, or has expired.", form["returnTo"]).ConfigureAwait(false);
        }
        else
        {
            http.Response.Cookies.Delete(LoginCookie);
            Redirect(http, OwnPath(form["returnTo"]));
        }
    });

    internal Task LogoutAsync(HttpContext http) => AnswerAsync(http, async () =>
    {
        var form = await FormAsync(http).ConfigureAwait(false);
        if (form is null || !door.IsOwnOrigin(http) || !Same(form[FormFields.TokenField], door.FormToken(http) ?? ""))
        {
            Redirect(http, DashboardPage.Root);
            return;
        }

        if (await door.LogOutAsync(http).ConfigureAwait(false) is { } issuer)
        {
            // A link and no redirect: pages may send forms to this gateway only.
            await PlainAsync(http, 200, "You are logged out", "Your session here has ended. Your session at the login provider goes on until you end it there.", ("End that session too", issuer)).ConfigureAwait(false);
            return;
        }

        Redirect(http, DashboardPage.Root + "/login");
    });

    internal Task ThemeAsync(HttpContext http) => AnswerAsync(http, async () =>
    {
        // Changes how this browser draws and nothing else; the origin is enough.
        var form = await FormAsync(http).ConfigureAwait(false);
        if (form is not null && door.IsOwnOrigin(http) && form["theme"] is "dark" or "light" or "auto")
        {
            http.Response.Cookies.Append(ThemeCookie, form["theme"], new CookieOptions { MaxAge = TimeSpan.FromDays(400), Path = DashboardPage.Root, SameSite = SameSiteMode.Lax, HttpOnly = true });
        }

        Redirect(http, OwnPath(form?["returnTo"] ?? ""));
    });

    internal Task MissingAsync(HttpContext http) => AnswerAsync(http, () => PlainAsync(http, 404, "There is no such page", "The address may be of another version.", ("To the overview", DashboardPage.Root)));

    /// <summary>The theme that the browser was told to draw in; empty for its own choice.</summary>
    public static string ThemeOf(HttpContext http) => http.Request.Cookies[ThemeCookie] is "dark" or "light" ? http.Request.Cookies[ThemeCookie]! : "";

    private async Task<PageContext?> EnterAsync(HttpContext http, DashboardPage page)
    {
        if (await door.FindAsync(http).ConfigureAwait(false) is not { } user)
        {
            var back = HttpMethods.IsGet(http.Request.Method) ? http.Request.Path + http.Request.QueryString : page.Address;
            Redirect(http, $"{DashboardPage.Root}/login?returnTo={Uri.EscapeDataString(back)}");
            return null;
        }

        var context = new PageContext(http, user, api, page, door.FormToken(http) ?? "", time.GetUtcNow());
        if (page.IsFor(user))
        {
            return context;
        }

        // The first page is where everybody arrives: who may not see it goes to the first that he may.
        if (page.Pattern.Length == 0 && PageTable.All.FirstOrDefault(p => p.Group != NavGroup.None && p.IsFor(user)) is { } other)
        {
            Redirect(http, other.Address);
            return null;
        }

        await PlainAsync(http, 403, "This is not for your role", $"You are logged in as {user.Name} with the role {user.Role}, which does not see this page. Ask an owner or admin.", ("To your first page", DashboardPage.Root)).ConfigureAwait(false);
        return null;
    }

    private async Task WriteAsync(PageContext page, PageResult result)
    {
        if (result.Location is { } location)
        {
            Redirect(page.Http, location);
            return;
        }

        if (result.Component is null)
        {
            await PlainAsync(page.Http, result.Status, "There is no such thing", "It may have been deleted, or you may not see it.", ("Back to " + page.Page.Title, page.Page.Parent is { } parent ? $"{DashboardPage.Root}/{parent.Pattern}" : DashboardPage.Root)).ConfigureAwait(false);
            return;
        }

        var html = await renderer.PageAsync(page, result, [.. PageTable.All.Where(p => p.Group != NavGroup.None && p.IsFor(page.User))]).ConfigureAwait(false);
        await HtmlAsync(page.Http, result.Status, html).ConfigureAwait(false);
    }

    private async Task AnswerAsync(HttpContext http, Func<Task> answer)
    {
        SecurityHeaders.Add(http.Response);
        if (!door.IsOpen)
        {
            http.Response.Headers.RetryAfter = "2";
            await PlainAsync(http, 503, "The gateway is starting", "Its store is not ready yet. Reload the page in a moment; requests to models are not affected.").ConfigureAwait(false);
            return;
        }

        try
        {
            await answer().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there any more.
        }
        catch (Exception fault) when (!http.Response.HasStarted && fault is DbException or TimeoutException or OperationCanceledException)
        {
            LogStore(logger, http.Request.Path, fault);
            await PlainAsync(http, 503, "The store does not answer", "Governance cannot reach its database. Requests to models go on with the configuration they have. Try again in a moment.").ConfigureAwait(false);
        }
        catch (Exception fault) when (!http.Response.HasStarted)
        {
            LogFault(logger, http.Request.Path, fault);
            await PlainAsync(http, 500, "The page has a fault", "It is in the log of the governance service. Everything else goes on.", ("To the overview", DashboardPage.Root)).ConfigureAwait(false);
        }
    }

    private async Task ShowLoginAsync(HttpContext http, int status, string text, string? returnTo = null)
    {
        var back = OwnPath(returnTo ?? http.Request.Query["returnTo"].ToString());
        if (status == 200 && await door.FindAsync(http).ConfigureAwait(false) is not null)
        {
            Redirect(http, back);
            return;
        }

        // There is no session yet that the form's token could belong to: it has to equal a cookie that other sites cannot set.
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(24));
        http.Response.Cookies.Append(LoginCookie, token, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = DashboardPage.Root, Secure = door.IsHttps });
        var model = new PlainModel { Title = "Log in", Text = text, IsLogin = true, HasOidc = door.HasOidc, Token = token, ReturnTo = back, Theme = ThemeOf(http) };
        await HtmlAsync(http, status, await renderer.PlainAsync(model).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task PlainAsync(HttpContext http, int status, string title, string text, (string, string)? link = null)
        => await HtmlAsync(http, status, await renderer.PlainAsync(new PlainModel { Title = title, Text = text, Link = link, Theme = ThemeOf(http) }).ConfigureAwait(false)).ConfigureAwait(false);

    private static async Task<FormFields?> FormAsync(HttpContext http)
    {
        if (!http.Request.HasFormContentType || http.Request.ContentLength > MostFormBytes)
        {
            return null;
        }

        if (http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MostFormBytes;
        }

        try
        {
            return new FormFields(await http.Request.ReadFormAsync(http.RequestAborted).ConfigureAwait(false));
        }
        catch (Exception fault) when (fault is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }
    }

    private static Task HtmlAsync(HttpContext http, int status, string html)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "text/html; charset=utf-8";
        return http.Response.WriteAsync(html, http.RequestAborted);
    }

    private static void Redirect(HttpContext http, string location)
    {
        http.Response.StatusCode = 303;
        http.Response.Headers.Location = location;
    }

    // A path of this host and nothing that a browser takes for another host.
    private static string OwnPath(string path)
        => path.Length is > 0 and <= 2000 && path.StartsWith(DashboardPage.Root, StringComparison.Ordinal) && !path.Contains('\\', StringComparison.Ordinal) && !path.Any(char.IsControl) ? path : DashboardPage.Root;

    private static bool Same(string given, string expected)
        => expected.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected));

    [LoggerMessage(LogLevel.Warning, "The dashboard's page {Path} found the store failing.")]
    private static partial void LogStore(ILogger logger, string path, Exception fault);

    [LoggerMessage(LogLevel.Error, "The dashboard's page {Path} failed.")]
    private static partial void LogFault(ILogger logger, string path, Exception fault);
}
