using System.Text;
using Gateway.CloudAuth.Aws;

namespace Gateway.Edge.Tests.Providers;

/// <summary>
/// The cases of AWS's signing test suite (awslabs/aws-c-auth, Apache-2.0): request, signed headers and signature. Left out are the two that collapse slashes, which
/// Bedrock's addresses never hold, and folded header lines, which cannot be sent.
/// </summary>
public sealed class SigV4Tests
{
    private static readonly AwsKeys _keys = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null);
    private static readonly DateTimeOffset _time = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("get-header-key-duplicate", "GET", "/", "Host:example.amazonaws.com\nMy-Header1:value2\nMy-Header1:value2\nMy-Header1:value1\nX-Amz-Date:20150830T123600Z", "", "host;my-header1;x-amz-date", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea")]
    [InlineData("get-header-value-order", "GET", "/", "Host:example.amazonaws.com\nMy-Header1:value4\nMy-Header1:value1\nMy-Header1:value3\nMy-Header1:value2\nX-Amz-Date:20150830T123600Z", "", "host;my-header1;x-amz-date", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01")]
    [InlineData("get-header-value-trim", "GET", "/", "Host:example.amazonaws.com\nMy-Header1: value1\nMy-Header2: \"a   b   c\"\nX-Amz-Date:20150830T123600Z", "", "host;my-header1;my-header2;x-amz-date", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")]
    [InlineData("get-relative-normalized", "GET", "/example/..", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("get-relative-relative-normalized", "GET", "/example1/example2/../..", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("get-relative-relative-unnormalized", "GET", "/example1/example2/../..", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "dc33e0856fd4baca4d7aa2146c38958283844764f38c74252a333df5e613003b")]
    [InlineData("get-relative-unnormalized", "GET", "/example/..", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "eca7ead57bb5aa5c8e28007acd4ff04e1ff9a0ff3b237ec1554a184887ff9282")]
    [InlineData("get-slash-dot-slash-normalized", "GET", "/./", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("get-slash-dot-slash-unnormalized", "GET", "/./", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "68714168e6557f8f2de0ef956fc24dc2593a4bd2961f8df51898d8a134695145")]
    [InlineData("get-slash-pointless-dot-normalized", "GET", "/./example", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5")]
    [InlineData("get-slash-pointless-dot-unnormalized", "GET", "/./example", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "beb03f223f7deae4146464f06e29eebbee9c8afbe15c290cf07aa8b119e14cff")]
    [InlineData("get-slash-unnormalized", "GET", "//", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "c88bcd3d312d75078c0cd961d6deae3f4c754924b01669efcfcb439fd5e5b76e")]
    [InlineData("get-slashes-unnormalized", "GET", "//example//", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "87cca117541a147f6df867677d98a7d80dff226d2bfca9e4ffa899665623c7e5")]
    [InlineData("get-space-normalized", "GET", "/example space/", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741")]
    [InlineData("get-space-unnormalized", "GET", "/example space/", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741")]
    [InlineData("get-unreserved", "GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f")]
    [InlineData("get-utf8", "GET", "/ሴ", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [InlineData("get-vanilla-empty-query-key", "GET", "/?Param1=value1", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb")]
    [InlineData("get-vanilla-query-order-encoded", "GET", "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac")]
    [InlineData("get-vanilla-query-order-key-case", "GET", "/?Param2=value2&Param1=value1", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")]
    [InlineData("get-vanilla-query-unreserved", "GET", "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197")]
    [InlineData("get-vanilla-query", "GET", "/", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("get-vanilla-utf8-query", "GET", "/?ሴ=bar", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04")]
    [InlineData("get-vanilla-with-session-token", "GET", "/", "Host:example.amazonaws.com\nX-Amz-Security-Token:6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date;x-amz-security-token", "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8")]
    [InlineData("get-vanilla", "GET", "/", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData("post-header-key-case", "POST", "/", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("post-header-key-sort", "POST", "/", "Host:example.amazonaws.com\nMy-Header1:value1\nX-Amz-Date:20150830T123600Z", "", "host;my-header1;x-amz-date", "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c")]
    [InlineData("post-header-value-case", "POST", "/", "Host:example.amazonaws.com\nMy-Header1:VALUE1\nX-Amz-Date:20150830T123600Z", "", "host;my-header1;x-amz-date", "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d")]
    [InlineData("post-sts-header-after", "POST", "/", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("post-sts-header-before", "POST", "/", "Host:example.amazonaws.com\nX-Amz-Security-Token:AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date;x-amz-security-token", "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead")]
    [InlineData("post-vanilla-empty-query-value", "POST", "/?Param1=value1", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11")]
    [InlineData("post-vanilla-query", "POST", "/?Param1=value1", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11")]
    [InlineData("post-vanilla", "POST", "/", "Host:example.amazonaws.com\nX-Amz-Date:20150830T123600Z", "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b")]
    [InlineData("post-x-www-form-urlencoded-parameters", "POST", "/", "Content-Type:application/x-www-form-urlencoded; charset=utf-8\nHost:example.amazonaws.com\nContent-Length:13\nX-Amz-Date:20150830T123600Z\nx-amz-content-sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e", "Param1=value1", "content-length;content-type;host;x-amz-content-sha256;x-amz-date", "328d1b9eaadca9f5818ef05e8392801e091653bafec24fcab71e7344e7f51422")]
    [InlineData("post-x-www-form-urlencoded", "POST", "/", "Content-Type:application/x-www-form-urlencoded\nHost:example.amazonaws.com\nContent-Length:13\nX-Amz-Date:20150830T123600Z\nx-amz-content-sha256:9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e", "Param1=value1", "content-length;content-type;host;x-amz-content-sha256;x-amz-date", "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b")]
    public void Signs_as_the_published_suite_says(string name, string method, string address, string headers, string body, string signedHeaders, string signature)
    {
        var query = address.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? address : address[..query];
        if (name.EndsWith("-normalized", StringComparison.Ordinal) && path.Contains('.', StringComparison.Ordinal))
        {
            // Dots are taken out of an address before it is sent.
            path = new Uri("https://example.amazonaws.com" + path).AbsolutePath;
        }

        var authorization = SigV4.Authorization(
            method,
            path,
            query < 0 ? "" : address[query..],
            headers.Split('\n').Select(static h => (h[..h.IndexOf(':', StringComparison.Ordinal)], h[(h.IndexOf(':', StringComparison.Ordinal) + 1)..])),
            Encoding.UTF8.GetBytes(body),
            _keys,
            "us-east-1",
            "service",
            _time);

        Assert.Equal($"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders={signedHeaders}, Signature={signature}", authorization);
    }

    [Fact]
    public void A_request_is_signed_with_what_is_sent_and_its_model_id_is_encoded_once_more()
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-v1%3A0/converse")
        {
            Content = new ByteArrayContent("{}"u8.ToArray()),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        AwsSigner.Sign(request, "{}"u8.ToArray(), new AwsKeys("AKIDEXAMPLE", "secret", "session"), "us-east-1", "bedrock", _time);

        var expected = SigV4.Authorization(
            "POST",
            "/model/us.anthropic.claude-v1%3A0/converse",
            "",
            [("content-type", "application/json"), ("host", "bedrock-runtime.us-east-1.amazonaws.com"), ("x-amz-date", "20150830T123600Z"), ("x-amz-security-token", "session")],
            "{}"u8,
            new AwsKeys("AKIDEXAMPLE", "secret", null),
            "us-east-1",
            "bedrock",
            _time);
        Assert.Equal(expected, request.Headers.GetValues("Authorization").Single());
        Assert.Equal("session", request.Headers.GetValues("x-amz-security-token").Single());
        Assert.Contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,", expected, StringComparison.Ordinal);
    }
}
