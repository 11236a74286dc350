// The files of the page, which the build embeds in the program (CMakeLists.txt, src/serve/page).
#pragma once

#include <string_view>
#include <vector>

namespace forebay::serve {

struct PageFile {
  std::string_view path;  // the path of the request: "/", "/page.css"
  std::string_view content_type;
  std::string_view content;
};

const std::vector<PageFile>& PageFiles();

}  // namespace forebay::serve
