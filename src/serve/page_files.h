// The page's own files, which the build puts into the program (CMakeLists.txt, src/serve/page).
#pragma once

#include <string_view>
#include <vector>

namespace forebay::serve {

struct PageFile {
  std::string_view path;  // as it is asked for: "/", "/page.css"
  std::string_view content_type;
  std::string_view content;
};

const std::vector<PageFile>& PageFiles();

}  // namespace forebay::serve
