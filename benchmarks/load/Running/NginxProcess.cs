namespace Gateway.Load.Running;

/// <summary>nginx as the fixed upstream and as the plain reverse proxy to compare with.</summary>
internal static class NginxProcess
{
    public static Child StartUpstream(string nginx, string directory, int port)
        => Start(nginx, directory, "upstream", $$"""
            server {
              listen 127.0.0.1:{{port}} backlog=4096;
              default_type application/json;
              location / { return 200 '{{Bodies.FixedCompletion}}'; }
              {{string.Concat(Dialect.All.Select(d => $"location /{d.Name}/ {{ return 200 '{d.Answer}'; }}\n"))}}
            }
            """);

    public static Child StartProxy(string nginx, string directory, int plainPort, int plainUpstream, int streamPort, int streamUpstream)
        => Start(nginx, directory, "proxy", $$"""
            upstream plain { server 127.0.0.1:{{plainUpstream}}; keepalive 128; keepalive_requests 1000000000; }
            upstream stream { server 127.0.0.1:{{streamUpstream}}; keepalive 1024; keepalive_requests 1000000000; }
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            server {
              listen 127.0.0.1:{{plainPort}} backlog=4096;
              location / { proxy_pass http://plain; }
            }
            server {
              listen 127.0.0.1:{{streamPort}} backlog=4096;
              location / { proxy_pass http://stream; proxy_buffering off; proxy_read_timeout 300s; }
            }
            """);

    private static Child Start(string nginx, string directory, string name, string servers)
    {
        var home = Directory.CreateDirectory(Path.Combine(directory, "nginx-" + name)).FullName;
        var file = Path.Combine(home, "nginx.conf");
        File.WriteAllText(file, $$"""
            daemon off;
            worker_processes auto;
            pid {{home}}/nginx.pid;
            error_log {{home}}/error.log warn;
            {{(Environment.UserName == "root" ? "user root;" : "")}}
            events { worker_connections 8192; }
            http {
              access_log off;
              client_body_temp_path {{home}}/body; proxy_temp_path {{home}}/proxy; fastcgi_temp_path {{home}}/fastcgi; uwsgi_temp_path {{home}}/uwsgi; scgi_temp_path {{home}}/scgi;
              keepalive_requests 1000000000;
              client_max_body_size 64m;
              client_body_buffer_size 2m;
              tcp_nodelay on;
              {{servers}}
            }
            """);
        return Child.Start(nginx, ["-p", home, "-e", Path.Combine(home, "error.log"), "-c", file]);
    }
}
