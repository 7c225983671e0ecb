using System.Net;
using System.Text.RegularExpressions;
using Gateway.Governance.Tests.Support;

namespace Gateway.Dashboard.Tests.Support;

/// <summary>A browser without scripts: cookies, links and forms as the pages have them.</summary>
public sealed partial class Browser : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _origin;

    public Browser(Instance instance)
    {
        _origin = instance.Address.GetLeftPart(UriPartial.Authority);
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = Cookies }) { BaseAddress = instance.Address };
    }

    public CookieContainer Cookies { get; } = new();

    /// <summary>What the last page was.</summary>
    public string Html { get; private set; } = "";

    public HttpStatusCode Status { get; private set; }

    public HttpResponseMessage? Last { get; private set; }

    /// <summary>Where the last answer leads.</summary>
    public string? Location => Last?.Headers.Location?.ToString();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Opens a page and follows where it leads.</summary>
    public async Task<string> OpenAsync(string path)
    {
        await TakeAsync(await _http.GetAsync(path, Cancellation));
        for (var i = 0; i < 5 && Last!.StatusCode == HttpStatusCode.SeeOther; i++)
        {
            await TakeAsync(await _http.GetAsync(Location, Cancellation));
        }

        return Html;
    }

    /// <summary>Sends a form of the page that was opened last: the first that has a field <c>do</c> of this value, or any for null; with its hidden fields.</summary>
    public async Task<string> SendAsync(string? named, params (string Name, string Value)[] fields)
    {
        var form = Forms().Single(f => f.IsMatch(named)).Value;
        await PostAsync(Decoded(Action().Match(form).Groups[1].Value), [.. Hidden(form), .. fields]);
        return Html;
    }

    /// <summary>Sends a form with a file.</summary>
    public async Task<string> SendFileAsync(string named, string field, string content, params (string Name, string Value)[] fields)
    {
        var form = Forms().Single(f => f.IsMatch(named)).Value;
        Assert.Contains("enctype=\"multipart/form-data\"", form, StringComparison.Ordinal);
        using var parts = new MultipartFormDataContent();
        foreach (var (name, value) in Hidden(form).Concat(fields))
        {
            parts.Add(new StringContent(value), name);
        }

        parts.Add(new StringContent(content), field, "file.csv");
        using var request = new HttpRequestMessage(HttpMethod.Post, Decoded(Action().Match(form).Groups[1].Value)) { Content = parts };
        request.Headers.TryAddWithoutValidation("Origin", _origin);
        await TakeAsync(await _http.SendAsync(request, Cancellation));
        return Last!.StatusCode == HttpStatusCode.SeeOther ? await OpenAsync(Location!) : Html;
    }

    /// <summary>Sends fields as they are and follows where it leads.</summary>
    public async Task PostAsync(string path, IEnumerable<(string Name, string Value)> fields, string? origin = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))) };
        request.Headers.TryAddWithoutValidation("Origin", origin ?? _origin);
        await TakeAsync(await _http.SendAsync(request, Cancellation));
        if (Last!.StatusCode == HttpStatusCode.SeeOther)
        {
            await OpenAsync(Location!);
        }
    }

    public async Task LogInAsync(string key)
    {
        await OpenAsync("/dashboard/login");
        await SendAsync(null, ("key", key.Trim()));
    }

    /// <summary>The token of the first form of the page.</summary>
    public string HiddenToken => InputTag().Matches(Html).Select(m => m.Value).First(i => i.Contains("name=\"_token\"", StringComparison.Ordinal)) is { } input ? Decoded(Value().Match(input).Groups[1].Value) : "";

    /// <summary>Hidden fields of the page's form that does this.</summary>
    public IReadOnlyList<(string Name, string Value)> HiddenOf(string named) => Hidden(Forms().First(f => f.IsMatch(named)).Value);

    public void Dispose()
    {
        Last?.Dispose();
        _http.Dispose();
    }

    private async Task TakeAsync(HttpResponseMessage answer)
    {
        Last?.Dispose();
        Last = answer;
        Status = answer.StatusCode;
        Html = await answer.Content.ReadAsStringAsync(Cancellation);
    }

    private IEnumerable<Form> Forms() => FormTag().Matches(Html).Select(m => new Form(m.Value));

    private static List<(string, string)> Hidden(string form)
        => [.. InputTag().Matches(form).Select(m => m.Value).Where(i => i.Contains("type=\"hidden\"", StringComparison.Ordinal)).Select(i => (Decoded(Name().Match(i).Groups[1].Value), Decoded(Value().Match(i).Groups[1].Value)))];

    private static string Decoded(string text) => WebUtility.HtmlDecode(text);

    [GeneratedRegex("<form[^>]*method=\"post\".*?</form>", RegexOptions.Singleline)]
    private static partial Regex FormTag();

    [GeneratedRegex("<input[^>]*>")]
    private static partial Regex InputTag();

    [GeneratedRegex("\\baction=\"([^\"]*)\"")]
    private static partial Regex Action();

    [GeneratedRegex("\\bname=\"([^\"]*)\"")]
    private static partial Regex Name();

    [GeneratedRegex("\\bvalue=\"([^\"]*)\"")]
    private static partial Regex Value();

    private sealed record Form(string Value)
    {
        // A form without a name is the login's.
        public bool IsMatch(string? named) => named is null
            ? Value.Contains("name=\"key\"", StringComparison.Ordinal)
            : Value.Contains($"name=\"do\" value=\"{named}\"", StringComparison.Ordinal);
    }
}
